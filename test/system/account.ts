// An account at Cloudflare, as far as wrangler asks about it during a deploy: the few addresses of the API, over what is in
// the account. What it does not know it answers with 404 and keeps in `unknown`, so that a newer wrangler's wish is seen.

import { createServer } from "node:http";
import * as z from "zod";

type Reply = { status: number; body: unknown };

const Named = z.object({ title: z.string(), name: z.string(), queue_name: z.string() }).partial();
const Metadata = z.object({ bindings: z.array(z.looseObject({ name: z.string(), type: z.string() })) });
export type Binding = z.infer<typeof Metadata>["bindings"][number];

export class Account {
  namespaces: { id: string; title: string }[] = [];
  databases: { uuid: string; name: string }[] = [];
  queues: { queue_id: string; queue_name: string; consumers: [] }[] = [];
  /** The bindings of the Worker that is live. */
  worker: Binding[] | undefined;
  secrets: string[] = [];
  /** Answers the next upload of a Worker with an error. */
  refuse_upload = false;
  /** What changed something: method and path, in order. */
  changes: string[] = [];
  unknown: string[] = [];

  answer(method: string, path: string, query: URLSearchParams, body: string): Reply {
    const asked = `${method} ${path}`;
    if (method !== "GET") this.changes.push(asked);
    const named = Named.safeParse(jsonOr(body, {})).data ?? {};
    const pages = (rows: unknown[]) => found((query.get("page") ?? "1") === "1" ? rows : []);
    switch (asked.replace(/ \/d1\/database\/[^/]+/, " /d1/database/*").replace(/(?<=queues\/)[^/]+/, "*")) {
      case "GET /storage/kv/namespaces":
        return pages(this.namespaces);
      case "POST /storage/kv/namespaces":
        return this.#makeNamespace(named.title ?? "");
      case "GET /d1/database":
        return pages(this.databases);
      case "POST /d1/database":
        this.databases.push({ uuid: "00000000-0000-4000-8000-000000000001", name: named.name ?? "" });
        return found(this.databases.at(-1));
      case "GET /d1/database/*": {
        const key = path.split("/").at(-1);
        const database = this.databases.find(({ name, uuid }) => name === key || uuid === key);
        return database ? found(database) : refused(404, 7404, "no such database");
      }
      case "POST /d1/database/*":
      case "POST /d1/database/*/query":
        return found([{ results: [], success: true, meta: { duration: 1 } }]);
      case "GET /queues":
        return pages(this.queues.filter((one) => !query.has("name") || query.getAll("name").includes(one.queue_name)));
      case "POST /queues":
        this.queues.push({ queue_id: String(this.queues.length), queue_name: named.queue_name ?? "", consumers: [] });
        return found(this.queues.at(-1));
      case "POST /queues/*/consumers":
        return found({});
      default:
        return this.#answerWorker(asked, body);
    }
  }

  #makeNamespace(title: string): Reply {
    if (this.namespaces.some((one) => one.title === title)) return refused(400, 10014, "the title already exists");
    this.namespaces.push({ id: `id-of-${title}`, title });
    return found(this.namespaces.at(-1));
  }

  #answerWorker(asked: string, body: string): Reply {
    switch (asked.replace("flashduty-edge", "*")) {
      case "PUT /workers/scripts/*":
        return this.#upload(body);
      case "PUT /workers/scripts/*/schedules":
      case "GET /workers/scripts/*/subdomain":
      case "POST /workers/scripts/*/subdomain":
      case "GET /workers/workers/*":
        return found({ enabled: false, previews_enabled: false, id: "1", subdomain: {} });
      case "GET /workers/scripts/*/deployments":
        return found({ deployments: [] });
      case "GET /workers/services/*":
        return this.#ofWorker({ default_environment: { environment: "production", script: { tag: "1" } } });
      case "GET /workers/scripts/*/settings":
        return this.#ofWorker({ bindings: this.worker });
      case "GET /workers/scripts/*/secrets":
        return this.#ofWorker(this.secrets.map((name) => ({ name, type: "secret_text" })));
      // A token that may deploy, and not read whose it is.
      case "GET /user":
      case "GET /user/tokens/verify":
        return refused(403, 9109, "Unauthorized to access requested resource");
      default:
        this.unknown.push(asked);
        return refused(404, 7003, `unknown here: ${asked}`);
    }
  }

  #ofWorker(result: unknown): Reply {
    return this.worker ? found(result) : refused(404, 10007, "This Worker does not exist on your account.");
  }

  #upload(body: string): Reply {
    if (this.refuse_upload) {
      this.refuse_upload = false;
      return refused(400, 10021, "refused, for the test");
    }
    const metadata = /name="metadata"\r\n\r\n(.*?)\r\n--/s.exec(body)?.[1] ?? "";
    this.worker = Metadata.parse(jsonOr(metadata, undefined)).bindings;
    this.secrets = this.worker.filter(({ type }) => type === "secret_text").map(({ name }) => name);
    return found({ id: "1", deployment_id: "0123456789abcdef0123456789abcdef", startup_time_ms: 1 });
  }
}

function jsonOr(text: string, otherwise: unknown): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return otherwise;
  }
}

function found(result: unknown): Reply {
  const result_info = Array.isArray(result) ? { page: 1, per_page: 100, count: result.length, total_pages: 1 } : null;
  return { status: 200, body: { success: true, errors: [], messages: [], result, result_info } };
}

function refused(status: number, code: number, message: string): Reply {
  return { status, body: { success: false, errors: [{ code, message }], messages: [], result: null } };
}

/** Serves the account on this machine; `url` is what wrangler takes as CLOUDFLARE_API_BASE_URL. */
export async function serve(account: Account, account_id: string): Promise<{ url: string; stop(): void }> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const url = new URL(request.url ?? "/", "http://here");
      const path = url.pathname.replace(`/accounts/${account_id}`, "");
      const body = Buffer.concat(chunks).toString();
      const reply = account.answer(request.method ?? "", path, url.searchParams, body);
      response.writeHead(reply.status, { "content-type": "application/json" }).end(JSON.stringify(reply.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, stop: () => void server.close() };
}
