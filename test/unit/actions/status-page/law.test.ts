// The law of the status page, for each vendor: however often the button is pressed, in whatever order the events come, and
// whatever answers get lost, an incident has one entry, which says nothing twice, never goes back, and ends as the newest
// event says.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { flashdutyStatusPage } from "../../../../src/actions/status-page/flashduty.ts";
import { statuspage } from "../../../../src/actions/status-page/atlassian.ts";
import type { StatusPageSpec } from "../../../../src/actions/status-page/decide.ts";
import { APP_KEY, flashdutyStandIn, PAGE_ID } from "./flashduty-stand-in.ts";
import { play } from "../play.ts";
import { INCIDENT, pushAt, RUN } from "./incident.ts";
import { happening, holds, MAPPED, type Vendor, words } from "./life.ts";
import { PAGE, statuspageStandIn, TOKEN } from "./atlassian-stand-in.ts";

const spec: StatusPageSpec = {
  texts: Object.fromEntries(
    Object.values(MAPPED).map((status) => [
      status,
      ({ incident }: { incident: { incident_severity: string } }) => words(status, incident.incident_severity),
    ]),
  ),
};

/** What was said, without its mark. */
function said({ description = "" }: { description?: string | undefined }): string {
  return description.replace(/\s*ref:.*$/, "");
}

function onFlashduty(): Vendor {
  const { api, client, clock } = flashdutyStandIn();
  const settings = {
    FLASHDUTY_APP_KEY: APP_KEY,
    FLASHDUTY_PAGE_ID: String(PAGE_ID),
    FLASHDUTY_PAGE_COMPONENTS: "api web",
  };
  const behaviours = {
    answered: {},
    lost: { no_answer: "closes" },
    answer_lost: { no_answer: "closes", done: true },
    busy: { status: 429 },
  } as const;
  return {
    attempt: async (event, earlier, may_have_acted, fates) => {
      clock.now_ms += 1_000;
      api.behave("*", ...fates.map((fate) => behaviours[fate]), {});
      const circumstances = {
        settings,
        flashduty: client,
        push: pushAt(event),
        earlier,
        run: { ...RUN, may_have_acted },
      };
      return play(flashdutyStatusPage(spec), () => "silence", circumstances);
    },
    know: (progress) => api.change_incident(INCIDENT, { progress }),
    shown: () => {
      expect(api.violations).toEqual([]);
      return api.changes(PAGE_ID).map(({ status, updates }) => ({ status, texts: updates.map(said) }));
    },
  };
}

function onStatuspage(): Vendor {
  const { standIn, entries } = statuspageStandIn();
  const settings = { STATUSPAGE_TOKEN: TOKEN, STATUSPAGE_PAGE: PAGE, STATUSPAGE_COMPONENTS: "api web" };
  return {
    attempt: async (event, earlier, may_have_acted, fates) => {
      const left = [...fates];
      const circumstances = { settings, push: pushAt(event), earlier, run: { ...RUN, may_have_acted } };
      return play(
        statuspage(spec),
        (asked) => {
          const fate = left.shift() ?? "answered";
          if (fate === "busy") return { status: 429, json: {} };
          const said = fate === "lost" ? "silence" : standIn(asked);
          return fate === "answer_lost" ? "silence" : said;
        },
        circumstances,
      );
    },
    know: () => undefined,
    shown: () =>
      entries.map(({ status, incident_updates }) => ({
        status,
        texts: incident_updates.map(({ body }) => body).toReversed(),
      })),
  };
}

describe.each([
  ["Flashduty's status page", onFlashduty],
  ["Statuspage", onStatuspage],
])("%s", (_, vendor) => {
  it("keeps the law", async () => {
    const histories = fc.array(happening, { minLength: 1, maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(histories, async (happenings) => holds(vendor(), happenings)),
      { numRuns: 200 },
    );
  });
});
