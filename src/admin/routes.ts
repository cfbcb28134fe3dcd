// Everything under /admin: the door, and behind it the API, its description, the metrics and the pages.
import { Hono } from "hono";
import { trimTrailingSlash } from "hono/trailing-slash";
import { metrics } from "../tally/prometheus.ts";
import { endpoints } from "./api/endpoints.ts";
import { mount } from "./api/mount.ts";
import { door } from "./auth.ts";
import { openapi } from "./openapi-page.tsx";
import { pages } from "./page/pages.tsx";
import type { AdminEnv } from "./who.ts";

const PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8";

export const admin = new Hono<AdminEnv>();
admin.route("/", door);
// Who types an address may end it with a slash.
admin.use(trimTrailingSlash());
mount(admin, endpoints);
admin.get("/metrics", async (c) => c.body(await metrics(c.env), 200, { "Content-Type": PROMETHEUS_TEXT }));
admin.route("/", openapi);
admin.route("/", pages);
