// Incidents: the list of them from the index, one of them from its own object.
import * as z from "zod";
import { incidentOf } from "../../incident/stub.ts";
import * as index from "../index/incidents.ts";
import { Nothing, unknown, view } from "../endpoint.ts";
import { EventView, IncidentList, IncidentView } from "../shapes.ts";
import { eventView, incidentView } from "../view.ts";
import { cursorOf, filter, limit, orNone } from "./query.ts";

export const listIncidents = view({
  path: "/api/incidents",
  summary: "Incidents, the one that was opened last first",
  query: z.object({
    progress: filter("Triggered, Processing or Closed"),
    severity: filter("Critical, Warning or Info"),
    q: orNone(z.string().max(500).describe("Words of title, id, number, labels or hosts: all of them must be there")),
    cursor: cursorOf(index.IncidentCursor),
    limit,
  }),
  answer: IncidentList,
  answerTo: async ({ query, env }) => index.listIncidents(env.DB, query),
});

export const showIncident = view({
  path: "/api/incidents/:incident_id",
  summary: "An incident with its events and its runs",
  query: Nothing,
  answer: IncidentView,
  problems: { 404: "It is not known, or was forgotten" },
  answerTo: async ({ params: { incident_id = "" }, env }) => {
    const kept = await incidentOf(env, incident_id).show();
    return kept === null ? unknown("incident") : incidentView(incident_id, kept);
  },
});

export const showEvent = view({
  path: "/api/incidents/:incident_id/events/:event_id",
  summary: "An event with its body as received",
  query: Nothing,
  answer: EventView,
  problems: { 404: "It is not known, or was forgotten" },
  answerTo: async ({ params: { incident_id = "", event_id = "" }, env }) => {
    const kept = await incidentOf(env, incident_id).showEvent(event_id);
    return kept === null ? unknown("event") : eventView(kept);
  },
});
