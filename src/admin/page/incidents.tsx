// The list of incidents, with search and filters.
import type { IncidentItem, Listed } from "../shapes.ts";
import { Progress, Severity } from "./badge.tsx";
import { Choice, Filters, Search } from "./filters.tsx";
import { Layout } from "./layout.tsx";
import { toIncident } from "./paths.ts";
import { type Column, Pager, Table } from "./table.tsx";
import { Text, textOf } from "./text.tsx";
import { Time } from "./time.tsx";
import { say, type Viewer } from "./viewer.ts";

interface Given {
  viewer: Viewer;
  query: Readonly<Record<string, string>>;
  list: Listed<IncidentItem>;
}

export function IncidentsPage({ viewer, query, list }: Given) {
  const { incidents: words, progress, severity } = say(viewer);
  return (
    <Layout viewer={viewer} title={words.title} live>
      <Filters submit={words.filter}>
        <Search name="q" label={words.q} hint={words.q_hint} value={query["q"]} />
        <Choice name="progress" label={words.progress} any={words.any} options={progress} value={query["progress"]} />
        <Choice name="severity" label={words.severity} any={words.any} options={severity} value={query["severity"]} />
      </Filters>
      <IncidentTable viewer={viewer} caption={words.title} incidents={list.items} />
      <Pager viewer={viewer} query={query} next_cursor={list.next_cursor} />
      <p class="hint">{words.lag}</p>
    </Layout>
  );
}

/** `part` tells two lists on one page apart. */
export function IncidentTable(given: {
  viewer: Viewer;
  caption: string;
  incidents: readonly IncidentItem[];
  part?: string;
}) {
  const { viewer, caption, incidents, part = "" } = given;
  const words = say(viewer).incidents;
  const columns: Column<IncidentItem>[] = [
    { head: words.incident, cell: (one) => <IncidentName viewer={viewer} incident={one} /> },
    { head: words.severity, cell: ({ severity }) => <Severity viewer={viewer} severity={severity} /> },
    { head: words.progress, cell: ({ progress }) => <Progress viewer={viewer} progress={progress} /> },
    { head: words.channel, minor: true, cell: ({ channel_name }) => textOf(channel_name, 60) },
    { head: words.opened, figures: true, cell: ({ opened_at }) => <Time viewer={viewer} at={opened_at} /> },
    { head: words.last_event, figures: true, cell: ({ last_event_at }) => <Time viewer={viewer} at={last_event_at} /> },
    { head: words.events, figures: true, minor: true, cell: ({ events }) => events },
    { head: words.runs, figures: true, minor: true, cell: ({ runs }) => runs },
  ];
  const idOf = ({ incident_id }: IncidentItem) => `${part}incident-${incident_id}`;
  return <Table viewer={viewer} caption={caption} columns={columns} rows={incidents} idOf={idOf} />;
}

function IncidentName({
  viewer,
  incident: { incident_id, number, title },
}: {
  viewer: Viewer;
  incident: IncidentItem;
}) {
  return (
    <a href={toIncident(incident_id)}>
      <span>
        {number !== "" && (
          <span class="number">
            #<Text text={number} most={20} />{" "}
          </span>
        )}
        <Text text={title || say(viewer).text.unnamed} />
      </span>
    </a>
  );
}
