// The repository of a workflow, by GitHub's API: where it is, and what GitHub says where one of its limits is reached.
import type { Answer } from "../../runs/http.ts";
import type { Given } from "../connector.ts";
import type { Asking, Target } from "../target.ts";

/** Known to every server that is still supported; github.com keeps it until March 2028 at least. */
const VERSION = "2022-11-28";
/** Where GitHub does not say how long its limit lasts: its own advice. */
const LIMIT_LASTS_S = 60;

/** The value of the setting: `owner/repo/file.yml`, and `@ref`. */
export const WORKFLOW = /^([\w.-]+)\/([\w.-]+)\/([\w.-]+)(?:@(\S+))?$/;

/** The workflow's repository as one attempt reaches it. */
export interface Repository {
  ask: (method: Asking["method"], path: readonly string[], more?: Partial<Asking>) => Promise<Answer>;
  file: string;
  ref: string;
  environment: string | undefined;
}

/** The repository that the setting's value names; `ref` is what it runs on, whatever the value says. */
export function repositoryIn(
  server: Target,
  given: Given<unknown>,
  named: { workflow: string; ref: string | undefined; environment: string | undefined },
): Repository {
  const [, owner = "", repo = "", file = "", ref = "main"] = WORKFLOW.exec(named.workflow) ?? [];
  const headers = { Accept: "application/vnd.github+json", "X-GitHub-Api-Version": VERSION };
  return {
    ask: async (method, rest, more) =>
      plain(await server.ask(given, { ...more, method, path: ["repos", owner, repo, ...rest], headers })),
    file,
    ref: named.ref ?? ref,
    environment: named.environment,
  };
}

/** GitHub says 403 as well as 429 where a limit is reached, and has a header of its own for when it is over. */
function plain(answer: Answer): Answer {
  if (answer.kind !== "answered" || (answer.status !== 403 && answer.status !== 429)) return answer;
  const headers = new Headers(answer.headers);
  const is_used_up = headers.get("X-RateLimit-Remaining") === "0";
  const is_limit = is_used_up || headers.has("Retry-After") || /rate limit/i.test(answer.text);
  if (answer.status === 403 && !is_limit) return answer;
  const left_s = Number(headers.get("X-RateLimit-Reset") ?? Number.NaN) - Math.floor(Date.now() / 1_000);
  const wait_s = is_used_up && left_s >= 0 ? left_s + 1 : LIMIT_LASTS_S;
  if (!headers.has("Retry-After")) headers.set("Retry-After", String(wait_s));
  return { ...answer, status: 429, headers };
}
