// The quarantine: the list of it, and one entry with what a replay would do.
import type { Listed, Preview, QuarantineEntry, QuarantineItem } from "../shapes.ts";
import { wordFor } from "./badge.tsx";
import { Button } from "./buttons.tsx";
import { Layout } from "./layout.tsx";
import { toDecideEntry, toEntry, toIncident } from "./paths.ts";
import { type Column, Facts, Pager, Table } from "./table.tsx";
import { Block, Body, Code, IdLink, Text } from "./text.tsx";
import { Time } from "./time.tsx";
import { say, type Viewer } from "./viewer.ts";

interface Given {
  viewer: Viewer;
  query: Readonly<Record<string, string>>;
  list: Listed<QuarantineItem>;
}

export function QuarantinePage({ viewer, query, list }: Given) {
  const { quarantine: words, why } = say(viewer);
  const columns: Column<QuarantineItem>[] = [
    {
      head: words.why,
      cell: (one) => (
        <a href={toEntry(one.id)}>
          <Text text={wordFor(one.why, why)} />
        </a>
      ),
    },
    { head: words.detail, cell: ({ detail }) => <Text text={detail} most={200} /> },
    { head: words.came_to, cell: ({ path_and_query }) => <Code text={path_and_query} most={80} /> },
    { head: words.source, minor: true, cell: ({ source }) => codeOf(source) },
    { head: words.last, figures: true, cell: ({ last_at }) => <Time viewer={viewer} at={last_at} /> },
    { head: words.times, figures: true, cell: ({ times }) => times },
    { head: words.head, minor: true, cell: ({ body_head }) => codeOf(body_head) },
  ];
  return (
    <Layout viewer={viewer} title={words.title} live>
      <p class="hint">{words.hint}</p>
      <Table
        viewer={viewer}
        caption={words.title}
        columns={columns}
        rows={list.items}
        idOf={({ id }) => `entry-${id}`}
      />
      <Pager viewer={viewer} query={query} next_cursor={list.next_cursor} />
    </Layout>
  );
}

function codeOf(text: string) {
  return text === "" ? null : <Code text={text} />;
}

/** `preview` is null where it could not be found out. */
export function EntryPage(given: { viewer: Viewer; entry: QuarantineEntry; preview: Preview | null }) {
  const { viewer, entry, preview } = given;
  const { quarantine: words, entry: own, why, decide } = say(viewer);
  return (
    <Layout viewer={viewer} title={own.title(wordFor(entry.why, why))}>
      <Block viewer={viewer} text={entry.detail} />
      <p class="buttons">
        {preview?.result !== "refused" && <Button href={toDecideEntry(entry.id, "replay")} text={decide.replay} main />}
        <Button href={toDecideEntry(entry.id, "delete")} text={decide.delete} />
      </p>
      <h2>{own.preview}</h2>
      <Foreseen viewer={viewer} preview={preview} />
      <EntryFacts viewer={viewer} entry={entry} />
      <h2>{own.body}</h2>
      <Body viewer={viewer} text={entry.body} />
      <p class="hint">{words.length(entry.body_length)}</p>
    </Layout>
  );
}

export function EntryFacts({ viewer, entry }: { viewer: Viewer; entry: Omit<QuarantineEntry, "body"> }) {
  const { quarantine: words, entry: own } = say(viewer);
  return (
    <Facts
      facts={[
        [words.came_to, <Code text={entry.path_and_query} most={400} />],
        [words.source, <Code text={entry.source || "–"} />],
        [words.first, <Time viewer={viewer} at={entry.first_at} />],
        [words.last, <Time viewer={viewer} at={entry.last_at} />],
        [words.times, entry.times],
        [own.id, <Code text={entry.id} />],
      ]}
    />
  );
}

/** What a replay would do. */
export function Foreseen({ viewer, preview }: { viewer: Viewer; preview: Preview | null }) {
  const { entry: words, why, event_type } = say(viewer);
  if (preview === null) return <p class="notice warn">{words.no_preview}</p>;
  if (preview.result === "refused")
    return (
      <div class="notice bad">
        <p>
          {words.refused} <Text text={wordFor(preview.why, why)} />
        </p>
        <Block viewer={viewer} text={preview.detail} />
      </div>
    );
  const is_new = !preview.is_known && preview.disposition === "accepted";
  const outcome = preview.is_known ? words.known : is_new ? words.taken : words.stale;
  return (
    <>
      <p class={is_new ? "notice good" : "notice"}>{outcome}</p>
      {preview.approves && <p class="notice warn">{words.approves}</p>}
      <Facts
        facts={[
          [words.incident, <IdLink href={toIncident(preview.incident_id)} id={preview.incident_id} />],
          [words.event, <Text text={wordFor(preview.event_type, event_type)} />],
        ]}
      />
      <Called viewer={viewer} runs={preview.runs} />
    </>
  );
}

type Calls = Extract<Preview, { result: "taken" }>["runs"];

function Called({ viewer, runs }: { viewer: Viewer; runs: Calls }) {
  const words = say(viewer).entry;
  if (runs.length === 0) return <p>{words.no_runs}</p>;
  return (
    <>
      <p>{words.runs}:</p>
      <ul>
        {runs.map(({ action, key, refused }) => (
          <li>
            <Text text={key === "" ? action : `${action} ${key}`} />
            {refused !== null && [` – ${words.would_refuse}: `, <Text text={refused} most={300} />]}
          </li>
        ))}
      </ul>
    </>
  );
}
