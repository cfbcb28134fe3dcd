// The log-in: a form that turns the admin token and a name into a session, and the way out of it.
import { type Context, Hono } from "hono";
import * as z from "zod";
import { readSettings, withoutTokens } from "../config.ts";
import type { Language } from "../domain/report.ts";
import { log } from "../log.ts";
import { readBody } from "../receive/body.ts";
import { isOneOf } from "../receive/token.ts";
import { guess, REFUSED_S } from "./guesses.ts";
import { isOwn } from "./origin.ts";
import { Layout } from "./page/layout.tsx";
import { viewerOf } from "./page/viewer.ts";
import { askerOf, logRefused, refuse } from "./refusal.ts";
import { beginSession, endSession, sessionName } from "./session.ts";
import { type AdminEnv, MOST_NAME, PersonName } from "./who.ts";

const WORDS = {
  en: {
    title: "Log in",
    name: "Your name",
    hint: "What you decide is written down under it.",
    token: "Admin token",
    submit: "Log in",
    incomplete: `It takes both: a name of at most ${MOST_NAME} characters, and the token.`,
    wrong: "That is not the admin token.",
    too_often: "Too many failed attempts from your network. Try again in a minute.",
  },
  zh: {
    title: "登录",
    name: "姓名",
    hint: "所做的决定将以此姓名记录。",
    token: "管理令牌",
    submit: "登录",
    incomplete: `姓名（最多 ${MOST_NAME} 个字符）和令牌都要填写。`,
    wrong: "令牌不正确。",
    too_often: "来自当前网络的失败次数过多，请一分钟后再试。",
  },
} as const satisfies Record<Language, unknown>;

/** Why the form is shown again. */
type LoginFault = "incomplete" | "wrong" | "too_often";

const STATUSES = { incomplete: 400, wrong: 403, too_often: 429 } as const;

interface Given {
  language: Language;
  /** The address below the origin to go on to. */
  to: string;
  name?: string;
  fault?: LoginFault | undefined;
}

/** The form. The token is never written into it. */
function LoginForm({ language, to, name = "", fault }: Given) {
  const words = WORDS[language];
  return (
    <form method="post" action="/admin/login" class="login">
      {fault !== undefined && (
        <p class="error" role="alert">
          {words[fault]}
        </p>
      )}
      <input type="hidden" name="to" value={to} />
      <p>
        <label for="name">{words.name}</label>
        <input
          id="name"
          name="name"
          value={name}
          autocomplete="username"
          required
          maxlength={MOST_NAME}
          aria-describedby="hint"
        />
        <small id="hint">{words.hint}</small>
      </p>
      <p>
        <label for="token">{words.token}</label>
        <input id="token" name="token" type="password" autocomplete="current-password" required />
      </p>
      <button type="submit">{words.submit}</button>
    </form>
  );
}

/** Where to go on after the log-in: a page under /admin, whatever was asked for. */
export function placeAfter(to: string | undefined): string {
  const url = URL.parse(to ?? "", "https://edge.invalid/");
  const is_ours = url !== null && url.origin === "https://edge.invalid" && /^\/admin(?:\/|$)/.test(url.pathname);
  const is_way = is_ours && /^\/admin\/log(?:in|out)(?:\/|$)/.test(url.pathname);
  return is_ours && !is_way ? `${url.pathname}${url.search}` : "/admin";
}

/** Where to log in, and come back to this address afterwards. */
export function wayToLogin(url: string): string {
  const { pathname, search } = new URL(url);
  return `/admin/login?to=${encodeURIComponent(pathname + search)}`;
}

const Login = z.object({ name: PersonName, token: z.string().trim().min(1) });

/** `/login` and `/logout`, for whoever has not come in yet. The admin token is known to be set. */
export const login = new Hono<AdminEnv>();

login.get("/login", async (c) => {
  const to = c.req.query("to") ?? "";
  // Who follows a link from elsewhere (a chat, Flashduty) comes without a strict cookie, logged in or not. When our own page
  // leads there once more, the browser sends it along; where there is none, one ends here again, and comes from our own page.
  const from = c.req.header("Sec-Fetch-Site") ?? "";
  if (from === "cross-site" || from === "same-site") c.header("Refresh", `0; url=${placeAfter(to)}`);
  return show(c, { to });
});

login.post("/login", async (c) => {
  if (!isOwn(c.req.raw, "application/x-www-form-urlencoded")) return refuse(c, "forged");
  const given = Object.fromEntries(new URLSearchParams((await readBody(c.req.raw.body)).text));
  const settings = readSettings(c.env);
  const { admin_tokens } = settings;
  const { to = "" } = given;
  // Whoever fills in the token twice must not be called by it from then on.
  const name = withoutTokens(given["name"] ?? "", settings);
  const form = Login.safeParse(given);
  if (!form.success || name !== given["name"]) return show(c, { to, name, fault: "incomplete" });
  const right = await guess(c.req.raw, "form", c.env, async () =>
    (await isOneOf(form.data.token, admin_tokens)) ? form.data : null,
  );
  if (typeof right === "string") {
    logRefused(c, right === "wrong" ? "wrong_token" : right);
    return show(c, { to, name, fault: right });
  }
  await beginSession(c, right.token, right.name, Date.now());
  log("session.begun", { ...askerOf(c), name: right.name });
  return c.redirect(placeAfter(to), 303);
});

login.post("/logout", async (c) => {
  if (!isOwn(c.req.raw, "application/x-www-form-urlencoded")) return refuse(c, "forged");
  const [token = ""] = readSettings(c.env).admin_tokens;
  const name = await sessionName(c, token, Date.now());
  if (name !== null) log("session.ended", { ...askerOf(c), name });
  endSession(c);
  return c.redirect("/admin/login", 303);
});

async function show(c: Context<AdminEnv>, { to, name, fault }: Omit<Given, "language">): Promise<Response> {
  const viewer = viewerOf(c, null);
  const given = { language: viewer.language, to: placeAfter(to), name: name?.slice(0, MOST_NAME) ?? "", fault };
  if (fault === "too_often") c.header("Retry-After", String(REFUSED_S));
  const page = (
    <Layout viewer={viewer} title={WORDS[viewer.language].title}>
      <LoginForm {...given} />
    </Layout>
  );
  return c.html(page, fault === undefined ? 200 : STATUSES[fault]);
}
