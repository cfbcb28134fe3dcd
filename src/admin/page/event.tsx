// One event, with its body as received.
import * as z from "zod";
import type { EventView } from "../shapes.ts";
import { Progress, wordFor } from "./badge.tsx";
import { Layout } from "./layout.tsx";
import { toIncident } from "./paths.ts";
import { Facts } from "./table.tsx";
import { Body, Code, IdLink, Text } from "./text.tsx";
import { Time } from "./time.tsx";
import { say, type Viewer } from "./viewer.ts";

const Person = z
  .object({ person_name: z.string().catch(""), email: z.string().catch("") })
  .catch({ person_name: "", email: "" });

export function EventPage({ viewer, incident_id, event }: { viewer: Viewer; incident_id: string; event: EventView }) {
  const { event: words, event_type, incident } = say(viewer);
  const type = wordFor(event.event_type, event_type);
  const { person_name, email } = Person.parse(event.push?.["person"]);
  return (
    <Layout viewer={viewer} title={words.title(type)}>
      {event.push === null && <p class="notice bad">{words.unreadable}</p>}
      <Facts
        facts={[
          [words.incident, <IdLink href={toIncident(incident_id)} id={incident_id} />],
          [words.type, <Code text={event.event_type} />],
          [words.by, <Text text={[person_name, email].filter(Boolean).join(" · ") || words.nobody} />],
          [
            words.event_time,
            event.event_time === null ? words.no_time : <Time viewer={viewer} at={event.event_time} />,
          ],
          event.claims_future ? ["", <span class="badge warn">{incident.claims_future}</span>] : null,
          [words.received, <Time viewer={viewer} at={event.received_at} />],
          [words.arrival, event.arrival],
          [words.came_to, <Code text={event.address} />],
          [incident.progress_then, <Progress viewer={viewer} progress={event.progress} />],
          event.replayed_by === "" ? null : [incident.replayed, <Text text={event.replayed_by} />],
          [words.id, <Code text={event.event_id} most={200} />],
        ]}
      />
      <h2>{words.body}</h2>
      <Body viewer={viewer} text={event.body} />
    </Layout>
  );
}
