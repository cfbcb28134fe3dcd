// One incident: what it is, its life as one picture, what was run for it, what came in.
import * as z from "zod";
import type { IncidentView, RunView } from "../shapes.ts";
import { Happened, Progress, Severity, State } from "./badge.tsx";
import { eventAnchor, runAnchor } from "./chart/anchor.ts";
import { LifeChart } from "./chart/life-chart.tsx";
import { CLOSED } from "./chart/progress.ts";
import { Layout } from "./layout.tsx";
import { toEvent, toRun } from "./paths.ts";
import { RunSaid, RunState, Trail } from "./run.tsx";
import { Asker } from "./runs.tsx";
import { type Column, Facts, Table } from "./table.tsx";
import { Block, Code, Outward, Text, textOf, webAddress } from "./text.tsx";
import { Time, Took } from "./time.tsx";
import { say, type Viewer } from "./viewer.ts";

interface Given {
  viewer: Viewer;
  view: IncidentView;
}

const text = z.string().catch("");
/** What of an incident is shown; what is missing is empty. */
const Head = z.object({
  title: text,
  description: text,
  incident_severity: text,
  progress: text,
  num: text,
  /** Seconds, 0 where unset. */
  close_time: z.number().catch(0),
  channel_name: text,
  detail_url: text,
  labels: z.record(z.string(), z.string()).catch({}),
  responders: z.array(z.object({ person_name: text, email: text })).catch([]),
});
type Head = z.output<typeof Head>;

export function IncidentPage({ viewer, view }: Given) {
  const { incident: words, text } = say(viewer);
  const { left_out } = view;
  const head = view.incident === null ? null : Head.parse(view.incident);
  return (
    <Layout viewer={viewer} title={head?.title || text.unnamed} live={isLive(view, head)}>
      {head === null ? <p class="notice bad">{text.unreadable}</p> : <Shown viewer={viewer} view={view} head={head} />}
      <h2>{words.life}</h2>
      <LifeChart viewer={viewer} view={view} />
      <h2>{words.runs}</h2>
      {view.runs.length === 0 && <p class="none">{text.nothing}</p>}
      {inOrder(view.runs).map((run) => (
        <RunPart viewer={viewer} run={run} />
      ))}
      {left_out.runs > 0 && (
        <p class="hint">
          {words.left_out.runs(left_out.runs)} <a href={toRunsOf(view.incident_id)}>{words.all_runs}</a>
        </p>
      )}
      <h2>{words.events}</h2>
      {left_out.events > 0 && <p class="hint">{words.left_out.events(left_out.events)}</p>}
      <Events viewer={viewer} view={view} />
      <h2>{words.reports}</h2>
      <p class="hint">{words.reports_hint}</p>
      {left_out.reports > 0 && <p class="hint">{words.left_out.reports(left_out.reports)}</p>}
      <Reports viewer={viewer} view={view} />
    </Layout>
  );
}

const toRunsOf = (incident_id: string) => `/admin/runs?incident_id=${encodeURIComponent(incident_id)}`;

/** Whether anything is to be expected of it. */
function isLive({ runs, reports }: IncidentView, head: Head | null): boolean {
  return head?.progress !== CLOSED || [...runs, ...reports].some(({ ended_at }) => ended_at === null);
}

function Shown({ viewer, view: { opened_at, incident_id }, head }: Given & { head: Head }) {
  const { incident: words, text } = say(viewer);
  const { title, number, description, channel_name, detail_url, labels, responders } = { ...head, number: head.num };
  return (
    <>
      <p class="line">
        <Severity viewer={viewer} severity={head.incident_severity} />
        <Progress viewer={viewer} progress={head.progress} />
        {webAddress(detail_url) !== null && <Outward url={detail_url} text={words.flashduty} />}
      </p>
      {title.length > MOST_TITLE && <Block viewer={viewer} text={title} />}
      <Facts
        facts={[
          number === "" ? null : [words.number, <Text text={number} />],
          [words.opened, <Time viewer={viewer} at={opened_at} />],
          head.close_time > 0 ? [words.closed, <Time viewer={viewer} at={head.close_time * 1_000} />] : null,
          [words.channel, <Text text={channel_name || "–"} />],
          [words.responders, <Text text={responders.map(nameOf).join(", ") || "–"} most={400} />],
          [words.labels, Object.keys(labels).length === 0 ? text.nothing : <Labels labels={labels} />],
          description === "" ? null : [words.description, <Block viewer={viewer} text={description} />],
          [words.id, <Code text={incident_id} />],
        ]}
      />
    </>
  );
}

/** What the title's own line has room for; see layout.tsx. */
const MOST_TITLE = 200;
const MOST_LABELS = 50;

function nameOf({ person_name, email }: Head["responders"][number]): string {
  return person_name || email || "?";
}

function Labels({ labels }: Pick<Head, "labels">) {
  const all = Object.entries(labels);
  return (
    <ul class="labels">
      {all.slice(0, MOST_LABELS).map(([name, value]) => (
        <li>
          <Text text={name} most={60} />=<Text text={value} most={120} />
        </li>
      ))}
      {all.length > MOST_LABELS && <li>+{all.length - MOST_LABELS}</li>}
    </ul>
  );
}

/** What goes on first, then the newest. */
function inOrder(runs: readonly RunView[]): RunView[] {
  const newest = runs.toSorted((one, other) => other.planned_at - one.planned_at);
  return [...newest.filter(({ ended_at }) => ended_at === null), ...newest.filter(({ ended_at }) => ended_at !== null)];
}

function RunPart({ viewer, run }: { viewer: Viewer; run: RunView }) {
  const words = say(viewer);
  return (
    <article id={runAnchor(run.run_id)} tabindex={-1}>
      <div class="line">
        <h3>
          <a href={toRun(run.run_id)}>
            <Text text={run.key === "" ? run.action : `${run.action} ${run.key}`} />
          </a>
        </h3>
        <RunState viewer={viewer} run={run} />
      </div>
      <RunSaid viewer={viewer} run={run} />
      <p class="hint">
        <Asker viewer={viewer} run={run} /> · <Time viewer={viewer} at={run.planned_at} />
        {run.started_at !== null && [
          ` · ${words.runs.took} `,
          <Took viewer={viewer} from={run.started_at} to={run.ended_at} />,
        ]}
      </p>
      <details>
        <summary>
          {words.run.trail} ({run.trail.length})
        </summary>
        <Trail viewer={viewer} run={run} />
      </details>
    </article>
  );
}

type ListedEvent = IncidentView["events"][number];

function Events({ viewer, view: { events, runs, incident_id } }: Given) {
  const { incident: words, result } = say(viewer);
  const whoOf = ({ event_id }: ListedEvent) =>
    runs.find((run) => run.event_id === event_id && run.by === "command")?.asked_by ?? "";
  const columns: Column<ListedEvent>[] = [
    {
      head: words.event,
      cell: (event) => (
        <>
          <Happened viewer={viewer} event_type={event.event_type} href={toEvent(incident_id, event.event_id)} />
          {whoOf(event) !== "" && [" · ", <Text text={whoOf(event)} most={60} />]}
        </>
      ),
    },
    {
      head: words.at,
      figures: true,
      cell: (event) => (
        <>
          <Time viewer={viewer} at={event.event_time ?? event.received_at} />{" "}
          {event.claims_future && <span class="badge warn">{words.claims_future}</span>}
        </>
      ),
    },
    {
      head: words.received,
      figures: true,
      minor: true,
      cell: ({ received_at }) => <Time viewer={viewer} at={received_at} />,
    },
    { head: words.progress_then, cell: ({ progress }) => <Progress viewer={viewer} progress={progress} /> },
    {
      head: words.disposition,
      cell: (event) => (
        <>
          {result[event.disposition]}
          {event.disposition === "stale" && ` (${words.newer_was_there})`}
          {event.replayed_by !== "" && [`; ${words.replayed} `, <Text text={event.replayed_by} most={60} />]}
        </>
      ),
    },
    { head: words.came_to, minor: true, cell: ({ address }) => <Code text={address} most={80} /> },
  ];
  const idOf = ({ event_id }: ListedEvent) => eventAnchor(event_id);
  return <Table viewer={viewer} caption={words.events} columns={columns} rows={events} idOf={idOf} />;
}

function Reports({ viewer, view: { reports } }: Given) {
  const { incident: words, runs } = say(viewer);
  const columns: Column<RunView>[] = [
    { head: words.report, cell: ({ action }) => <Text text={action.replace(/@.*/s, "")} most={60} /> },
    { head: runs.state, cell: ({ state }) => <State viewer={viewer} state={state} /> },
    { head: words.comment, cell: ({ params }) => <Block viewer={viewer} text={params["text"] ?? ""} most={300} /> },
    { head: runs.reason, cell: ({ reason }) => textOf(reason) },
    { head: words.at, figures: true, cell: (one) => <Time viewer={viewer} at={one.ended_at ?? one.planned_at} /> },
  ];
  return (
    <Table
      viewer={viewer}
      caption={words.reports}
      columns={columns}
      rows={reports}
      idOf={({ run_id }) => `report-${run_id}`}
    />
  );
}
