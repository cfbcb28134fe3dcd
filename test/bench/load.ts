// The load, as the benchmark commands it: one process, one order at a time, each answered by one report.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { type Order, Report, type Series } from "./order.ts";
import { WEBHOOK_TOKEN } from "./runtime.ts";

const PROCESS = fileURLToPath(new URL("load-process.ts", import.meta.url));
/** Enough to keep the runtime busy all the time, few enough that its answers do not only wait for each other. */
const CONCURRENCY = 16;

type Of<K extends Report["kind"]> = Extract<Report, { kind: K }>;

export class Load {
  readonly #process: ChildProcess;
  /** The address of the target that it plays. */
  readonly target: string;

  private constructor(process: ChildProcess, target: string) {
    this.#process = process;
    this.target = target;
  }

  static async start(): Promise<Load> {
    const process = fork(PROCESS, { serialization: "advanced" });
    const { target } = await reportOf(process, "ready");
    return new Load(process, target);
  }

  async fire(url: string, series: Series): Promise<Of<"fired">> {
    return this.#order({ kind: "fire", url, token: WEBHOOK_TOKEN, concurrency: CONCURRENCY, series }, "fired");
  }

  async press(url: string, series: Series): Promise<Of<"pressed">> {
    return this.#order({ kind: "press", url, token: WEBHOOK_TOKEN, series }, "pressed");
  }

  /** How often each run has called the target so far. */
  async calls(): Promise<readonly number[]> {
    return (await this.#order({ kind: "count" }, "counted")).calls;
  }

  stop(): void {
    this.#process.disconnect(); // it ends by itself
  }

  async #order<K extends Report["kind"]>(order: Order, kind: K): Promise<Of<K>> {
    this.#process.send(order);
    return reportOf(this.#process, kind);
  }
}

/** The next report, which has to be of that kind. */
async function reportOf<K extends Report["kind"]>(process: ChildProcess, kind: K): Promise<Of<K>> {
  const report = Report.parse(await messageOf(process));
  if (isOf(report, kind)) return report;
  throw new Error(report.kind === "failed" ? report.why : `the load's process reported "${report.kind}"`);
}

async function messageOf(process: ChildProcess): Promise<unknown> {
  const answered = new AbortController();
  const { signal } = answered;
  const ended = once(process, "exit", { signal }).then(() => {
    throw new Error("the load's process has ended");
  });
  try {
    const values: readonly unknown[] = await Promise.race([once(process, "message", { signal }), ended]);
    return values[0];
  } finally {
    ended.catch(() => undefined);
    answered.abort(); // takes the listeners away
  }
}

function isOf<K extends Report["kind"]>(report: Report, kind: K): report is Of<K> {
  return report.kind === kind;
}
