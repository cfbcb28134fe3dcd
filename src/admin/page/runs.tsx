// The list of runs, with filters.
import type { Listed, RunItem } from "../shapes.ts";
import { State, wordFor } from "./badge.tsx";
import { RunButtons } from "./buttons.tsx";
import { Choice, Filters, Search } from "./filters.tsx";
import { Layout } from "./layout.tsx";
import { toIncident, toRun } from "./paths.ts";
import { shown } from "./shown.ts";
import { type Column, Pager, Table } from "./table.tsx";
import { Text, textOf } from "./text.tsx";
import { Time, Took } from "./time.tsx";
import { say, type Viewer } from "./viewer.ts";

interface Given {
  viewer: Viewer;
  query: Readonly<Record<string, string>>;
  /** The playbook's actions, by name. */
  actions: readonly string[];
  list: Listed<RunItem>;
}

export function RunsPage({ viewer, query, actions, list }: Given) {
  const { runs: words, state } = say(viewer);
  const named = Object.fromEntries(actions.map((name) => [name, name]));
  return (
    <Layout viewer={viewer} title={words.title} live>
      <Filters submit={words.filter}>
        {query["incident_id"] && (
          <Search name="incident_id" label={words.incident} hint={words.any} value={query["incident_id"]} />
        )}
        <Choice name="state" label={words.state} any={words.any} options={state} value={query["state"]} />
        <Choice name="action" label={words.action} any={words.any} options={named} value={query["action"]} />
      </Filters>
      <RunTable viewer={viewer} caption={words.title} runs={list.items} />
      <Pager viewer={viewer} query={query} next_cursor={list.next_cursor} />
      <p class="hint">{words.lag}</p>
    </Layout>
  );
}

/** `decide`: with the buttons for what each of them allows. */
export function RunTable(given: { viewer: Viewer; caption: string; runs: readonly RunItem[]; decide?: boolean }) {
  const { viewer, caption, runs, decide = false } = given;
  const { runs: words, run } = say(viewer);
  const columns: Column<RunItem>[] = [
    { head: words.action, cell: ({ run_id, action }) => <RunName run_id={run_id} action={action} /> },
    { head: words.key, cell: ({ key }) => textOf(key, 80) },
    { head: words.state, cell: ({ state }) => <State viewer={viewer} state={state} /> },
    { head: words.reason, cell: ({ reason }) => textOf(reason, 200) },
    { head: words.asked_by, cell: (one) => <Asker viewer={viewer} run={one} /> },
    { head: words.incident, cell: ({ incident_id }) => <IncidentLink incident_id={incident_id} /> },
    { head: words.planned, figures: true, cell: ({ planned_at }) => <Time viewer={viewer} at={planned_at} /> },
    {
      head: words.took,
      figures: true,
      minor: true,
      cell: (one) => <Took viewer={viewer} from={one.started_at} to={one.ended_at} />,
    },
  ];
  if (decide) columns.push({ head: run.decide, cell: (one) => <RunButtons viewer={viewer} run={one} /> });
  return (
    <Table viewer={viewer} caption={caption} columns={columns} rows={runs} idOf={({ run_id }) => `run-${run_id}`} />
  );
}

function RunName({ run_id, action }: Pick<RunItem, "run_id" | "action">) {
  return (
    <a href={toRun(run_id)}>
      <Text text={action} most={60} />
    </a>
  );
}

const MOST_OF_ID = 10;

function IncidentLink({ incident_id }: Pick<RunItem, "incident_id">) {
  // Ids that were given one after the other differ at their ends.
  const is_long = incident_id.length > MOST_OF_ID;
  return (
    <a class="id short" href={toIncident(incident_id)} title={is_long ? shown(incident_id) : undefined}>
      <Text text={is_long ? `…${incident_id.slice(-MOST_OF_ID)}` : incident_id} />
    </a>
  );
}

/** The person who pressed the button, or the rule with the event it was about. */
export function Asker({ viewer, run: { by, asked_by } }: { viewer: Viewer; run: Pick<RunItem, "by" | "asked_by"> }) {
  const { run: words, event_type } = say(viewer);
  const who = by === "rule" ? wordFor(asked_by, event_type) : asked_by || "–";
  return (
    <>
      {words[by]} <Text text={who} most={60} />
    </>
  );
}
