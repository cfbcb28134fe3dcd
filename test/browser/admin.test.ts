// The admin's page as a person uses it who was woken at night: in a real browser, against the receiver in a process of its
// own, with what a simulated Flashduty has pushed. Nothing is waited for but what the page shows.
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { faultsFoundByAxe, openPage, overflow, startBrowser, type Watched } from "./browser.ts";
import { event, HOSTILE, idOf, INCIDENTS, type Stage, startStage, type Story } from "./stage.ts";

/** Lists are some seconds behind the incidents. */
const LISTED_WITHIN_MS = 30_000;

let stage: Stage;
let browser: Browser;
let watched: Watched;
let page: Page;

beforeAll(async () => {
  [stage, browser] = await Promise.all([startStage({ hostile: true }), startBrowser()]);
});

afterAll(async () => {
  await browser?.close();
  await stage?.close();
});

async function open(options: Parameters<typeof openPage>[2] = {}): Promise<void> {
  watched = await openPage(browser, stage.runtime.url, options);
  page = watched.page;
  page.setDefaultTimeout(LISTED_WITHIN_MS);
}

afterEach(async () => {
  await watched.close();
  expect(watched.faults).toEqual([]);
});

async function logIn(name = "lisi"): Promise<void> {
  await page.goto("/admin");
  await page.getByLabel("Your name").fill(name);
  await page.getByLabel("Admin token").fill(stage.tokens.ADMIN_TOKEN);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
}

/** Finds the incident by its host, as soon as the list has it, and opens it. */
async function openIncident(story: Story): Promise<void> {
  await page.getByRole("link", { name: "Incidents", exact: true }).click();
  await page.getByLabel("Search").fill(story.host);
  await page.getByRole("button", { name: "Show" }).click();
  await page.getByRole("link", { name: story.title }).first().click();
  await page.getByRole("heading", { level: 1, name: story.title }).waitFor();
}

async function shows(text: string | RegExp): Promise<void> {
  await page.getByText(text).first().waitFor();
}

describe("without a log-in", () => {
  beforeEach(async () => open());

  it.each([
    "",
    "/incidents",
    "/runs",
    "/quarantine",
    "/switch",
    "/drift",
    "/openapi",
    `/incidents/${idOf(INCIDENTS.failed)}`,
  ])("/admin%s shows the log-in, and nothing else", async (path) => {
    await page.goto(`/admin${path}`);
    expect(new URL(page.url()).pathname).toBe("/admin/login");
    expect(await page.content()).not.toContain("nj.0");
  });

  it("a wrong token does not open", async () => {
    await page.goto("/admin");
    await page.getByLabel("Your name").fill("mallory");
    await page.getByLabel("Admin token").fill("a-token-that-somebody-guessed");
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("alert").waitFor();
    expect(await page.context().cookies()).toEqual([]);
    // The browser itself says in its console that it was refused.
    watched.faults.splice(0);
  });
});

describe("logged in", () => {
  beforeEach(async () => {
    await open();
    await logIn();
  });

  it("the cookie is no script's and no other site's, and ends", async () => {
    const [cookie] = await page.context().cookies();
    expect(cookie).toMatchObject({ httpOnly: true, secure: true, sameSite: "Strict" });
    expect(cookie?.expires).toBeGreaterThan(Date.now() / 1_000);
  });

  it("finds an incident by its host, and its picture tells what was done", async () => {
    await openIncident(INCIDENTS.healed);
    const picture = page.getByRole("img").or(page.getByRole("figure")).first();
    await picture.waitFor();
    await shows("restart-host");
    await shows("Closed");
    const event_link = page
      .getByRole("row", { name: /i_new|Triggered/ })
      .getByRole("link")
      .first();
    await event_link.click();
    await shows('"event_type"');
  });

  it("finds an incident by Chinese words of its title", async () => {
    await page.goto("/admin/incidents");
    await page.getByLabel("Search").fill("空间不足");
    await page.getByRole("button", { name: "Show" }).click();
    await page.getByRole("link", { name: INCIDENTS.also_waiting.title }).waitFor();
  });

  it("starts a failed run over in spite of its cool-down, once more asked", async () => {
    await openIncident(INCIDENTS.failed);
    await page
      .getByRole("link", { name: /^Start over/ })
      .first()
      .click();
    await page.getByLabel("In spite of the guards").check();
    await page.getByRole("button", { name: "Yes, start over" }).click();
    await shows("lisi");
    await page.goto(`/admin/incidents/${idOf(INCIDENTS.failed)}`);
    await shows("Succeeded");
    const calls = stage.target.requests().filter(({ body }) => body.includes(INCIDENTS.failed.host));
    expect(calls).toHaveLength(2);
  });

  it("approves what waits, from the overview", async () => {
    const row = page.getByRole("row", { name: new RegExp(INCIDENTS.waiting.host.replaceAll(".", String.raw`\.`)) });
    await row.getByRole("link", { name: /^Approve/ }).click();
    await page.getByRole("button", { name: "Yes, approve" }).click();
    await page
      .getByText(/approved/i)
      .first()
      .waitFor();
    const incident = await stage.receiver.incident(idOf(INCIDENTS.waiting));
    expect(incident?.runs[0]).toMatchObject({ approved_by: "lisi" });
  });

  it("cancels what waits, with a reason", async () => {
    await openIncident(INCIDENTS.also_waiting);
    await page
      .getByRole("link", { name: /^Cancel/ })
      .first()
      .click();
    await page.getByLabel(/^Reason/).fill("the disk was cleaned by hand");
    await page.getByRole("button", { name: "Yes, cancel" }).click();
    await shows("the disk was cleaned by hand");
    const incident = await stage.receiver.incident(idOf(INCIDENTS.also_waiting));
    expect(incident?.runs[0]?.state).toBe("cancelled");
  });

  it("replays a push from the quarantine, and it is marked", async () => {
    await page.getByRole("link", { name: "Quarantine", exact: true }).click();
    await page
      .getByRole("row", { name: /203\.0\.113\.7/ })
      .getByRole("link")
      .first()
      .click();
    await shows(idOf(INCIDENTS.strange));
    await page.getByRole("link", { name: /^Replay/ }).click();
    await page.getByRole("button", { name: "Yes, replay" }).click();
    await page.goto(`/admin/incidents/${idOf(INCIDENTS.strange)}`);
    await shows(INCIDENTS.strange.title);
    await shows(/replayed by lisi/i);
    await page.goto("/admin/quarantine");
    expect(await page.getByRole("row", { name: /203\.0\.113\.7/ }).count()).toBe(0);
  });

  it("deletes a push from the quarantine", async () => {
    await page.goto("/admin/quarantine");
    const row = page.getByRole("row", { name: /placeholder/i });
    await row.getByRole("link").first().click();
    await page.getByRole("link", { name: /^Delete/ }).click();
    await page.getByRole("button", { name: "Yes, delete" }).click();
    await page.goto("/admin/quarantine");
    await shows("Nothing here");
  });

  it("stops everything, says so on the overview, and lets it go on", async () => {
    await page.getByRole("link", { name: "Switch", exact: true }).click();
    await page
      .getByRole("link", { name: /^Stop: ?everything|^Stop everything/ })
      .first()
      .click();
    await page.getByLabel(/^Reason/).fill("a storm");
    await page.getByRole("button", { name: "Yes, stop" }).click();
    await shows("a storm");
    await page.goto("/admin");
    await shows(/stopped/i);
    await page.goto("/admin/switch");
    await page
      .getByRole("link", { name: /^Let go on/ })
      .first()
      .click();
    await page.getByLabel(/^Reason/).fill("it is over");
    await page.getByRole("button", { name: "Yes, let go on" }).click();
    await shows("it is over");
  });

  it("an incident that is looked at shows what comes, without being loaded again", async () => {
    await page.goto(`/admin/incidents/${idOf(INCIDENTS.hostile)}`);
    await page.evaluate(() => Reflect.set(window, "was_loaded_before", true));
    await stage.sender.send(event(INCIDENTS.hostile, "i_rslv", 0, { labels: HOSTILE.labels }));
    await shows("Closed");
    expect(await page.evaluate(() => Reflect.get(window, "was_loaded_before") === true)).toBe(true);
  });

  it("logs out, and nothing is readable any more", async () => {
    await page.getByRole("button", { name: "Log out" }).click();
    await page.goto("/admin/runs");
    expect(new URL(page.url()).pathname).toBe("/admin/login");
  });
});

/** Every kind of page, once something is on each. */
async function paths(): Promise<string[]> {
  const incidents = await Promise.all([INCIDENTS.healed, INCIDENTS.hostile].map(pathsOf));
  return ["", "/incidents", "/runs", "/quarantine", "/switch", "/drift", "/openapi", ...incidents.flat()];
}

async function pathsOf(story: Story): Promise<string[]> {
  const incident = await stage.receiver.incident(idOf(story));
  const runs = incident?.runs.slice(0, 1).map(({ run_id }) => `/runs/${encodeURIComponent(run_id)}`) ?? [];
  const at = `/incidents/${idOf(story)}`;
  return [at, `${at}/events/${encodeURIComponent(incident?.current_event_id ?? "")}`, ...runs];
}

describe.each([
  { look: "light, English", options: { colorScheme: "light" } },
  { look: "dark, Chinese", options: { colorScheme: "dark", locale: "zh-CN" } },
  { look: "on a phone", options: { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true } },
] as const)("every page, $look", ({ options }) => {
  it("has no fault that keeps people from using it, and fits; and nobody's text does harm", async () => {
    await open({ ...options, locale: "en-GB" });
    await logIn();
    if ("locale" in options) await page.setExtraHTTPHeaders({ "Accept-Language": options.locale });
    const faults: string[] = [];
    for (const path of await paths()) {
      await page.goto(`/admin${path}`);
      const found = await faultsFoundByAxe(page);
      faults.push(...found.map((fault) => `/admin${path}: ${fault}`));
      const wider = await overflow(page);
      if (wider > 0) faults.push(`/admin${path} is ${wider} pixels wider than the window`);
    }
    expect(faults).toEqual([]);
  });
});

describe("with a keyboard alone", () => {
  it("one gets past the navigation, to an incident, and to its runs", async () => {
    await open();
    await logIn();
    await page.goto("/admin/incidents");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.textContent?.trim())).toBe("Skip to content");
    await page.keyboard.press("Enter");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("main");
    const link = page.getByRole("link", { name: INCIDENTS.healed.title });
    for (let pressed = 0; pressed < 60; pressed++) {
      if (await link.evaluate((element) => element === document.activeElement)) break;
      await page.keyboard.press("Tab");
    }
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: INCIDENTS.healed.title }).waitFor();
  });
});
