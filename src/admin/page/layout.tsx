// The document around every page: where one is, who one is, and what the times mean.
import { raw } from "hono/html";
import type { Child } from "hono/jsx";
import { version } from "../../../package.json";
import { cut } from "../../domain/text.ts";
import { addressOf } from "./assets.ts";
import { offsetOf } from "./moment.ts";
import { shown } from "./shown.ts";
import { Text } from "./text.tsx";
import { say, type Viewer } from "./viewer.ts";

const MOST_IN_TITLE = 200;

interface Given {
  viewer: Viewer;
  /** The page's only h1, and its name in the browser's tab. */
  title: string;
  /** It shows what goes on, and is to be kept up to date. */
  live?: boolean;
  children: Child;
}

/** A whole page. Without somebody who has logged in (`viewer.who`) there is no navigation. Answer with `c.html(<Layout …>)`. */
export function Layout({ viewer, title, live = false, children }: Given) {
  const words = say(viewer).frame;
  return (
    <>
      {raw("<!DOCTYPE html>")}
      <html lang={viewer.language === "zh" ? "zh-CN" : "en"}>
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <meta name="robots" content="noindex" />
          <title>{`${shown(cut(title, MOST_IN_TITLE))} · flashduty-edge`}</title>
          <link rel="icon" type="image/svg+xml" href={addressOf("icon.svg")} />
          <link rel="stylesheet" href={addressOf("style.css")} />
          {live && <script type="module" src={addressOf("live.js")}></script>}
        </head>
        <body>
          <a class="skip" href="#main">
            {words.skip}
          </a>
          {viewer.who !== null && <Head viewer={viewer} />}
          {live && (
            <>
              <p class="lost" id="lost" role="status"></p>
              <template id="lost-words">
                {words.lost} <a href="">{words.reload}</a>
              </template>
            </>
          )}
          <main id="main" tabindex={-1}>
            <h1>
              <Text text={title} most={MOST_IN_TITLE} />
            </h1>
            {children}
          </main>
          <footer>
            <span>flashduty-edge {version}</span>
            <span>{words.zone(viewer.zone, offsetOf(viewer.zone, viewer.now))}</span>
          </footer>
        </body>
      </html>
    </>
  );
}

const PLACES = ["incidents", "runs", "quarantine", "switch", "drift"] as const;

function Head({ viewer }: Pick<Given, "viewer">) {
  const words = say(viewer).frame;
  const place = (path: string, text: string, is_below: boolean) => (
    <li>
      <a href={path} aria-current={current(viewer.path, path, is_below)}>
        {text}
      </a>
    </li>
  );
  return (
    <header>
      <nav aria-label={words.nav}>
        <ul>
          {place("/admin", words.overview, false)}
          {PLACES.map((name) => place(`/admin/${name}`, words[name], true))}
          {place("/admin/openapi", words.api, true)}
        </ul>
      </nav>
      <Self viewer={viewer} />
    </header>
  );
}

/** `page` is where one is, `true` is what that belongs to. */
function current(at: string, path: string, is_below: boolean): "page" | "true" | undefined {
  if (at === path || at === `${path}/`) return "page";
  return is_below && at.startsWith(`${path}/`) ? "true" : undefined;
}

/** Who has logged in, and the way out. Whom Cloudflare Access lets in, that one also logs out. */
function Self({ viewer: { who, ...viewer } }: Pick<Given, "viewer">) {
  const words = say(viewer).frame;
  if (who === null || who.kind === "program") return <p class="self">{words.program}</p>;
  return (
    <div class="self">
      <bdi>{who.name}</bdi>
      {who.by === "access" ? (
        <a href="/cdn-cgi/access/logout">{words.log_out}</a>
      ) : (
        <form method="post" action="/admin/logout">
          <button type="submit" class="quiet">
            {words.log_out}
          </button>
        </form>
      )}
    </div>
  );
}
