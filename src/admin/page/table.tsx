// Lists: a table where there is room, and on a phone a card for each row with the same cells, each with its column's name.
import type { Child } from "hono/jsx";
import { say, type Viewer } from "./viewer.ts";

export interface Column<Row> {
  head: string;
  /** Null where there is nothing to say. */
  cell: (row: Row) => Child;
  /** Figures and times: they stand under each other, and do not wrap. */
  figures?: boolean;
  /** Where there is little room it is left out: the page about the row has it. */
  minor?: boolean;
}

interface Given<Row> {
  viewer: Viewer;
  /** What it lists. Seen only where nothing else says so. */
  caption: string;
  /** The first one names the row. */
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  /** Names the row in the page: by it, it is found again when the page is brought up to date. */
  idOf: (row: Row) => string;
}

export function Table<Row>({ viewer, caption, columns, rows, idOf }: Given<Row>) {
  if (rows.length === 0) return <p class="none">{say(viewer).text.nothing}</p>;
  return (
    <table>
      <caption class="unseen">{caption}</caption>
      <thead>
        <tr>
          {columns.map(({ head, minor }) => (
            <th scope="col" class={minor ? "minor" : undefined}>
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr id={idOf(row)}>{columns.map((column, at) => cellOf(column, row, at === 0))}</tr>
        ))}
      </tbody>
    </table>
  );
}

function cellOf<Row>({ head, cell, figures, minor }: Column<Row>, row: Row, is_name: boolean) {
  if (is_name) return <th scope="row">{cell(row)}</th>;
  const said = cell(row);
  const classes = [figures && "figures", minor && "minor", said === null && "empty"].filter(Boolean).join(" ");
  return (
    <td data-head={head} class={classes || undefined}>
      <div>{said ?? "–"}</div>
    </td>
  );
}

/** Names with what belongs to them; what there is nothing to say of (null) is left out. */
export function Facts({ facts }: { facts: readonly (readonly [name: string, value: Child] | null)[] }) {
  return (
    <dl class="facts">
      {facts.map(
        (fact) =>
          fact !== null && (
            <div>
              <dt>{fact[0]}</dt>
              <dd>{fact[1]}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

interface Paged {
  viewer: Viewer;
  /** What the list was asked with. */
  query: Readonly<Record<string, string>>;
  next_cursor: string | null;
}

/** The ways from one page of a list to the others, with the same filters. */
export function Pager({ viewer, query, next_cursor }: Paged) {
  const { cursor, ...filters } = query;
  if (cursor === undefined && next_cursor === null) return <></>;
  const words = say(viewer).text;
  const to = (more: Record<string, string>) => `?${new URLSearchParams({ ...filters, ...more }).toString()}`;
  return (
    <nav class="pager" aria-label={words.pages}>
      {cursor !== undefined && (
        <a class="button" href={to({})}>
          {words.first_page}
        </a>
      )}
      {next_cursor !== null && (
        <a class="button" rel="next" href={to({ cursor: next_cursor })}>
          {words.next_page}
        </a>
      )}
    </nav>
  );
}
