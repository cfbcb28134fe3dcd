// Drift: what Flashduty, or a setting in its console, has changed, each with an example and what to do about it.
import { REMEDIES } from "../../tally/remedy.ts";
import type { DriftItem } from "../shapes.ts";
import { Layout } from "./layout.tsx";
import { toEvent } from "./paths.ts";
import { shown } from "./shown.ts";
import { type Column, Table } from "./table.tsx";
import { Code, Text } from "./text.tsx";
import { Time } from "./time.tsx";
import { say, type Viewer } from "./viewer.ts";

export function DriftPage({ viewer, items }: { viewer: Viewer; items: readonly DriftItem[] }) {
  const { drift: words, drift_kind } = say(viewer);
  const kinds = [...new Set(items.map(({ kind }) => kind))];
  const columns: Column<DriftItem>[] = [
    { head: words.what, cell: ({ what }) => <Code text={what} /> },
    { head: words.kind, cell: ({ kind }) => drift_kind[kind] },
    { head: words.example, cell: ({ example }) => (example === "" ? null : <Code text={example} most={200} />) },
    { head: words.where, cell: (item) => whereOf(viewer, item) },
    { head: words.seen, figures: true, cell: ({ last_at }) => <Time viewer={viewer} at={last_at} /> },
    { head: words.first, figures: true, minor: true, cell: ({ first_at }) => <Time viewer={viewer} at={first_at} /> },
  ];
  return (
    <Layout viewer={viewer} title={words.title} live>
      <p class="hint">{words.hint}</p>
      <Table
        viewer={viewer}
        caption={words.title}
        columns={columns}
        rows={items}
        idOf={({ kind, what }) => `drift-${kind}-${shown(what)}`}
      />
      {kinds.length > 0 && <h2>{words.todo}</h2>}
      <dl class="remedies">
        {kinds.map((kind) => (
          <div>
            <dt>{drift_kind[kind]}</dt>
            <dd>{REMEDIES[kind][viewer.language]}</dd>
          </div>
        ))}
      </dl>
    </Layout>
  );
}

function whereOf(viewer: Viewer, { incident_id, event_id }: DriftItem) {
  if (incident_id === "" || event_id === "") return null;
  return (
    <a href={toEvent(incident_id, event_id)}>
      {say(viewer).drift.event} <Text text={event_id} most={30} />
    </a>
  );
}
