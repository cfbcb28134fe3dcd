// What every chart of counts has: a head, a table with the figures, and something to say when there are none.
import type { Viewer } from "./viewer.ts";
import { words } from "./words.ts";

export function Head({ title, note }: { title: string; note: string }) {
  return (
    <figcaption>
      <b>{title}</b> <small>{note}</small>
    </figcaption>
  );
}

export function Nothing({ title, viewer }: { title: string; viewer: Viewer }) {
  const texts = words[viewer.language];
  return (
    <figure class="chart count">
      <Head title={title} note={texts.count.last_day} />
      <p class="chart-note">{texts.nothing}</p>
    </figure>
  );
}

/** The first of each row is its head. */
export function Figures({
  viewer,
  heads,
  rows,
}: {
  viewer: Viewer;
  heads: readonly string[];
  rows: readonly string[][];
}) {
  return (
    <details>
      <summary>{words[viewer.language].count.table}</summary>
      <div class="chart-table">
        <table>
          <thead>
            <tr>
              {heads.map((head) => (
                <th scope="col">{head}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(([head = "", ...figures]) => (
              <tr>
                <th scope="row">{head}</th>
                {figures.map((figure) => (
                  <td>{figure}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
