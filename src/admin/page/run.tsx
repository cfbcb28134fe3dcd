// One run: how it stands, what it did and who decided, entry by entry.
import type { Entry } from "../../domain/trail.ts";
import type { RunView } from "../shapes.ts";
import { State } from "./badge.tsx";
import { RunButtons } from "./buttons.tsx";
import { Layout } from "./layout.tsx";
import { toEvent, toIncident, toRun } from "./paths.ts";
import { Asker } from "./runs.tsx";
import { type Column, Facts, Table } from "./table.tsx";
import { Block, Code, IdLink, Outward, Text, textOf } from "./text.tsx";
import { Time, Took } from "./time.tsx";
import { say, type Viewer } from "./viewer.ts";

interface Given {
  viewer: Viewer;
  run: RunView;
}

export function RunPage({ viewer, run }: Given) {
  const words = say(viewer).run;
  return (
    <Layout viewer={viewer} title={words.title(run.action, run.key)} live>
      <p class="line">
        <RunState viewer={viewer} run={run} />
      </p>
      <RunSaid viewer={viewer} run={run} />
      <RunFacts viewer={viewer} run={run} />
      <h2>{words.trail}</h2>
      <Trail viewer={viewer} run={run} />
    </Layout>
  );
}

/** How it stands, and what may be decided now. */
export function RunState({ viewer, run }: Given) {
  return (
    <>
      <State viewer={viewer} state={run.state} />
      {run.policy.dry_run && <span class="badge warn">{say(viewer).run.dry_run}</span>}
      <RunButtons viewer={viewer} run={run} />
    </>
  );
}

/** Why it stands so, and where to look. */
export function RunSaid({ viewer, run }: Given) {
  return (
    <>
      {run.reason !== "" && <Block viewer={viewer} text={run.reason} />}
      {run.may_have_acted && run.state !== "succeeded" && <p class="notice warn">{say(viewer).run.may_have_acted}</p>}
      <Links viewer={viewer} links={run.links} />
    </>
  );
}

function Links({ viewer, links }: { viewer: Viewer; links: readonly string[] }) {
  if (links.length === 0) return <></>;
  return (
    <p>
      {say(viewer).run.links}: {links.map((url, at) => [at > 0 && ", ", <Outward url={url} />])}
    </p>
  );
}

function RunFacts({ viewer, run }: Given) {
  const words = say(viewer).run;
  const time = (at: number | null) => (at === null ? null : <Time viewer={viewer} at={at} />);
  return (
    <Facts
      facts={[
        [say(viewer).runs.incident, <IdLink href={toIncident(run.incident_id)} id={run.incident_id} />],
        [words.event, <IdLink href={toEvent(run.incident_id, run.event_id)} id={run.event_id} />],
        [words.asked, <Asker viewer={viewer} run={run} />],
        text(words.approved_by, run.approved_by),
        text(words.override_by, run.override_by),
        text(words.connector, run.connector),
        map(words.params, run.params),
        [say(viewer).runs.planned, time(run.planned_at)],
        run.started_at === null ? null : [words.started, time(run.started_at)],
        run.ended_at === null ? null : [words.ended, time(run.ended_at)],
        [say(viewer).runs.took, <Took viewer={viewer} from={run.started_at} to={run.ended_at} />],
        run.held_since === null ? null : [words.held_since, time(run.held_since)],
        run.due_at === null ? null : [words.next_look, time(run.due_at)],
        run.failures === 0 ? null : [words.failures, run.failures],
        map(words.values, run.values),
        run.same_as === "" ? null : [words.same_as, <IdLink href={toRun(run.same_as)} id={run.same_as} />],
        [words.id, <Code text={run.run_id} most={400} />],
      ]}
    />
  );
}

function text(name: string, value: string) {
  return value === "" ? null : ([name, <Text text={value} />] as const);
}

function map(name: string, values: RunView["values"]) {
  return Object.keys(values).length === 0 ? null : ([name, <Values values={values} />] as const);
}

function Values({ values }: Pick<RunView, "values">) {
  return (
    <ul class="plain">
      {Object.entries(values).map(([name, value]) => (
        <li>
          <Text text={name} most={60} />: <Text text={String(value)} most={300} />
        </li>
      ))}
    </ul>
  );
}

export function Trail({ viewer, run: { run_id, trail } }: Given) {
  const { run: words, trail: whats } = say(viewer);
  const columns: Column<Entry & { id: string }>[] = [
    { head: words.what, cell: ({ what }) => whats[what] },
    { head: words.at, figures: true, cell: ({ at }) => <Time viewer={viewer} at={at} /> },
    { head: words.by, cell: ({ by }) => textOf(by, 60) },
    { head: words.text, cell: ({ text }) => (text === "" ? null : <Block viewer={viewer} text={text} code />) },
  ];
  const rows = trail.map((entry, at) => ({ ...entry, id: `trail-${run_id}-${at}` }));
  return <Table viewer={viewer} caption={words.trail} columns={columns} rows={rows} idOf={({ id }) => id} />;
}
