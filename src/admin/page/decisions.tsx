// The pages by which something is decided: GET asks once more, POST does it and leads to what was changed, or says why not.
import { type Context, Hono } from "hono";
import { actionNamed } from "../../domain/playbook.ts";
import { playbook } from "../../playbook.ts";
import { readBody } from "../../receive/body.ts";
import { endpoints } from "../api/endpoints.ts";
import { isRefused, type Refused } from "../endpoint.ts";
import type { AdminEnv } from "../who.ts";
import { answer, ask, askBeside, type Page, pageOf } from "./answer.tsx";
import { ConfirmEntry, ConfirmRun, ConfirmSwitch, type EntryAsked, type Form, type RunAsked } from "./confirm.tsx";
import { type SwitchDecision, toIncident, toRun } from "./paths.ts";
import { type Viewer, viewerOf } from "./viewer.ts";

type C = Context<AdminEnv>;
type Problem = Refused["problem"];

export const decisions = new Hono<AdminEnv>();

for (const what of ["approve", "cancel", "retry"] as const) {
  const endpoint = { approve: endpoints.approveRun, cancel: endpoints.cancelRun, retry: endpoints.retryRun }[what];
  const bodyOf = (form: Form) => ({
    ...byOf(form),
    ...(what === "cancel" ? { reason: form["reason"] } : {}),
    ...(what === "retry" ? { override: form["override"] === "on" } : {}),
  });
  const show = async (c: C, form: Form, problem: Problem | null) =>
    shown(c, problem, await runAsked(c, what), (viewer, asked) => (
      <ConfirmRun viewer={viewer} form={form} problem={problem} {...asked} />
    ));

  decisions.get(`/runs/:run_id/${what}`, async (c) => show(c, {}, null));
  decisions.post(`/runs/:run_id/${what}`, async (c) => {
    const form = await formOf(c);
    const decided = await ask(c, endpoint, bodyOf(form));
    return isRefused(decided) ? show(c, form, decided.problem) : c.redirect(toRun(decided.run_id), 303);
  });
}

async function runAsked(c: C, what: RunAsked["what"]): Promise<RunAsked | Refused> {
  const [run, switches] = await Promise.all([ask(c, endpoints.showRun), askBeside(c, endpoints.showSwitch)]);
  if (isRefused(run)) return run;
  return { what, run, action: actionNamed(playbook, run.action), switches };
}

for (const what of ["replay", "delete"] as const) {
  const show = async (c: C, form: Form, problem: Problem | null) =>
    shown(c, problem, await entryAsked(c, what), (viewer, asked) => (
      <ConfirmEntry viewer={viewer} form={form} problem={problem} {...asked} />
    ));

  decisions.get(`/quarantine/:id/${what}`, async (c) => show(c, {}, null));
  decisions.post(`/quarantine/:id/${what}`, async (c) => {
    const form = await formOf(c);
    const decided = await (what === "replay" ? replayed(c, form) : deleted(c, form));
    return typeof decided === "string" ? c.redirect(decided, 303) : show(c, form, decided.problem);
  });
}

async function entryAsked(c: C, what: EntryAsked["what"]): Promise<EntryAsked | Refused> {
  const [entry, preview] = await Promise.all([
    ask(c, endpoints.showQuarantined),
    what === "replay" ? askBeside(c, endpoints.previewReplay) : null,
  ]);
  return isRefused(entry) ? entry : { what, entry, preview };
}

/** Where to go on: to the incident that has taken it. */
async function replayed(c: C, form: Form): Promise<string | Refused> {
  const receipt = await ask(c, endpoints.replay, byOf(form));
  return isRefused(receipt) ? receipt : toIncident(receipt.incident_id);
}

async function deleted(c: C, form: Form): Promise<string | Refused> {
  const gone = await ask(c, endpoints.deleteQuarantined, byOf(form));
  return isRefused(gone) ? gone : "/admin/quarantine";
}

const SETS = { stop: "stopped", "go-on": "running", "close-breaker": "breaker_closed" } as const;
const SWITCH_DECISIONS: readonly SwitchDecision[] = ["stop", "go-on", "close-breaker"];

for (const what of SWITCH_DECISIONS) {
  const show = async (c: C, form: Form, problem: Problem | null) => {
    const action = c.req.query("action") ?? null;
    const summary = (action !== null && actionNamed(playbook, action)?.summary) || "";
    const viewer = viewerOf(c, c.get("who"));
    const asking = { viewer, form, problem, what, action, summary };
    return pageOf(<ConfirmSwitch {...asking} />, problem?.status);
  };

  decisions.get(`/switch/${what}`, async (c) => show(c, {}, null));
  decisions.post(`/switch/${what}`, async (c) => {
    const form = await formOf(c);
    const body = { ...byOf(form), action: c.req.query("action"), set: SETS[what], reason: form["reason"] };
    const decided = await ask(c, endpoints.changeSwitch, body);
    return isRefused(decided) ? show(c, form, decided.problem) : c.redirect("/admin/switch", 303);
  });
}

/** The page that asks, with the status of what kept it from being done. What is gone meanwhile has none. */
async function shown<T>(
  c: C,
  problem: Problem | null,
  asked: T | Refused,
  page: (viewer: Viewer, asked: T) => Page,
): Promise<Response> {
  if (isRefused(asked) || problem === null) return answer(c, asked, page);
  return pageOf(page(viewerOf(c, c.get("who")), asked), problem.status);
}

async function formOf(c: C): Promise<Form> {
  const { text } = await readBody(c.req.raw.body);
  return Object.fromEntries(new URLSearchParams(text));
}

/** In whose name: of a person it is known, and not asked. */
function byOf({ by }: Form): { by?: string } {
  return by === undefined ? {} : { by };
}
