// What is wrong, what waits for a person, what goes on: everything at a glance, the most pressing first.
import type { Child } from "hono/jsx";
import type { Tallies } from "../../tally/read.ts";
import type { Overview, Setup } from "../shapes.ts";
import { Badge, wordFor } from "./badge.tsx";
import { Button } from "./buttons.tsx";
import { AnswerTimeChart } from "./chart/answer-time-chart.tsx";
import { OutcomesChart } from "./chart/outcomes-chart.tsx";
import { PushesChart } from "./chart/pushes-chart.tsx";
import { RunsChart } from "./chart/runs-chart.tsx";
import { IncidentTable } from "./incidents.tsx";
import { Layout } from "./layout.tsx";
import { RunTable } from "./runs.tsx";
import { heldIn, Switches } from "./switch.tsx";
import { type Column, Table } from "./table.tsx";
import { Text, textOf } from "./text.tsx";
import { say, type Viewer } from "./viewer.ts";

interface Given {
  viewer: Viewer;
  overview: Overview;
}

/** `tallies` is null where they could not be read. */
export function OverviewPage({ viewer, overview, tallies }: Given & { tallies: Tallies | null }) {
  const words = say(viewer).overview;
  return (
    <Layout viewer={viewer} title={words.title} live>
      <Banner viewer={viewer} overview={overview} />
      <Waiting viewer={viewer} overview={overview} />
      <Part viewer={viewer} title={words.open_incidents} part={overview.open_incidents}>
        {(incidents) => (
          <>
            <OpenCounts viewer={viewer} overview={overview} />
            <IncidentTable viewer={viewer} caption={words.open_incidents} incidents={incidents} part="open-" />
          </>
        )}
      </Part>
      <Part viewer={viewer} title={words.ended_badly} part={overview.ended_badly}>
        {(runs) => <RunTable viewer={viewer} caption={words.ended_badly} runs={runs} decide />}
      </Part>
      <Part viewer={viewer} title={words.last_day} part={tallies}>
        {(tallies) => <Charts viewer={viewer} tallies={tallies} />}
      </Part>
      <Part viewer={viewer} title={words.newest_incidents} part={overview.newest_incidents}>
        {(incidents) => (
          <>
            <IncidentTable viewer={viewer} caption={words.newest_incidents} incidents={incidents} />
            <p class="buttons">
              <Button href="/admin/incidents" text={words.all_incidents} />
              <Button href="/admin/runs" text={words.all_runs} />
            </p>
          </>
        )}
      </Part>
      <h2>{words.actions}</h2>
      <Actions viewer={viewer} setup={overview.setup} />
    </Layout>
  );
}

interface PartGiven<T> {
  viewer: Viewer;
  title: string;
  /** Null where its source did not answer. */
  part: T | null;
  children: (part: T) => Child;
}

function Part<T>({ viewer, title, part, children }: PartGiven<T>) {
  return (
    <section>
      <h2>{title}</h2>
      {part === null ? <p class="notice warn">{say(viewer).overview.silent}</p> : children(part)}
    </section>
  );
}

/** What is wrong, or other than usual, for everything. */
function Banner({ viewer, overview: { setup, drift, switch: view } }: Given) {
  const words = say(viewer).overview;
  const all_stopped = view?.stops.some(({ action }) => action === null) ?? false;
  const others = [
    setup.dry_run && words.dry_run,
    setup.source_check === "report" && words.source_report,
    !setup.writes_back && words.no_write_back,
    drift !== null && drift.length > 0 && [words.drift(drift.length), " ", <a href="/admin/drift">{words.look}</a>],
  ].filter((other) => other !== false);
  return (
    <>
      {setup.faults.length > 0 && (
        <div class="notice bad">
          <p>
            <b>{words.faults}</b>
          </p>
          <ul>
            {setup.faults.map((fault) => (
              <li>
                <Text text={fault} most={400} />
              </li>
            ))}
          </ul>
        </div>
      )}
      {all_stopped && (
        <p class="notice bad">
          <b>{words.all_stopped}</b> <a href="/admin/switch">{words.look}</a>
        </p>
      )}
      {others.length > 0 && (
        <ul class="notice warn plain">
          {others.map((other) => (
            <li>{other}</li>
          ))}
        </ul>
      )}
    </>
  );
}

/** What a person is waited for. Its sentence is read out when it changes. */
function Waiting({ viewer, overview }: Given) {
  const { overview: words, switch: switches } = say(viewer);
  const { awaiting_approval, quarantined, open, switch: view } = overview;
  const waiting =
    open?.runs.find(({ state }) => state === "awaiting_approval")?.count ?? awaiting_approval?.length ?? 0;
  const open_incidents = open?.incidents.reduce((sum, { count }) => sum + count, 0) ?? 0;
  const held = view === null ? [] : heldIn(view);
  const is_calm = awaiting_approval?.length === 0 && quarantined === 0 && view !== null && held.length === 0;
  return (
    <section>
      <h2>{words.waits}</h2>
      <p role="status" class={is_calm ? "notice good" : undefined}>
        {is_calm && `${words.calm} `}
        {words.news(waiting, quarantined ?? 0, open_incidents)}
      </p>
      {[awaiting_approval, quarantined, view].includes(null) && <p class="notice warn">{words.silent}</p>}
      {(awaiting_approval?.length ?? 0) > 0 && (
        <>
          <h3>{words.approvals}</h3>
          <RunTable viewer={viewer} caption={words.approvals} runs={awaiting_approval ?? []} decide />
        </>
      )}
      {held.length > 0 && (
        <>
          <h3>{switches.stops}</h3>
          <Switches viewer={viewer} switches={held} />
        </>
      )}
      {(quarantined ?? 0) > 0 && (
        <p class="buttons">
          <Button href="/admin/quarantine" text={words.quarantined(quarantined ?? 0)} />
        </p>
      )}
    </section>
  );
}

function OpenCounts({ viewer, overview: { open } }: Given) {
  const words = say(viewer);
  if (open === null || open.incidents.length === 0) return <></>;
  const counts = open.incidents.map(({ progress, count }) =>
    words.overview.open_count(wordFor(progress, words.progress), count),
  );
  return (
    <p class="hint">
      <Text text={counts.join(" · ")} most={300} />
    </p>
  );
}

function Charts({ viewer, tallies }: { viewer: Viewer; tallies: Tallies }) {
  return (
    <div class="charts">
      <PushesChart viewer={viewer} tallies={tallies} />
      <AnswerTimeChart viewer={viewer} tallies={tallies} />
      <RunsChart viewer={viewer} tallies={tallies} />
      <OutcomesChart viewer={viewer} tallies={tallies} />
    </div>
  );
}

function Actions({ viewer, setup: { actions } }: { viewer: Viewer; setup: Setup }) {
  const words = say(viewer).overview;
  const columns: Column<Setup["actions"][number]>[] = [
    { head: words.action, cell: ({ action }) => <Text text={action} /> },
    { head: words.does, cell: ({ summary }) => <Text text={summary} most={200} /> },
    { head: words.connector, cell: ({ connector }) => textOf(connector ?? "") },
    {
      head: words.ready,
      cell: ({ unable, dry_run }) => (
        <>
          {unable === "" ? (
            <Badge look={{ sign: "check", tone: "good" }} text={words.ready} />
          ) : (
            <details>
              <summary>{words.not_ready}</summary>
              <Text text={unable} most={1_000} />
            </details>
          )}
          {dry_run && <Badge look={{ sign: "pause", tone: "warn" }} text={words.dry} />}
        </>
      ),
    },
  ];
  return (
    <Table
      viewer={viewer}
      caption={words.actions}
      columns={columns}
      rows={actions}
      idOf={(one) => `action-${one.action}`}
    />
  );
}
