// The kill switch: what is stopped and which breakers are open, with what can be done about each, and how it came to this.
import type { SwitchView } from "../shapes.ts";
import { Badge } from "./badge.tsx";
import { Button } from "./buttons.tsx";
import { Layout } from "./layout.tsx";
import { type SwitchDecision, toSwitch } from "./paths.ts";
import { type Column, Table } from "./table.tsx";
import { Block, Text, textOf } from "./text.tsx";
import { Time } from "./time.tsx";
import { say, type Viewer } from "./viewer.ts";

interface Given {
  viewer: Viewer;
  view: SwitchView;
}

export function SwitchPage({ viewer, view, actions }: Given & { actions: readonly string[] }) {
  const words = say(viewer).switch;
  // An action that is stopped may be none of this playbook any more.
  const names = new Set([null, ...actions, ...heldIn(view).map(({ action }) => action)]);
  return (
    <Layout viewer={viewer} title={words.title} live>
      <p class="hint">
        {words.hint} {words.breakers_hint}
      </p>
      <Switches viewer={viewer} switches={[...names].map((action) => switchOf(view, action))} />
      <h2>{words.rulings}</h2>
      <Rulings viewer={viewer} view={view} />
    </Layout>
  );
}

/** What holds an action, or everything (null), now. */
interface Switch {
  action: string | null;
  stop: SwitchView["stops"][number] | undefined;
  breaker: SwitchView["open_breakers"][number] | undefined;
  /** Not by a word about it alone. */
  with_everything: boolean;
}

function switchOf({ stops, open_breakers }: SwitchView, action: string | null): Switch {
  const about = (one: { action: string | null }) => one.action === action;
  const with_everything = action !== null && stops.some((stop) => stop.action === null);
  return { action, stop: stops.find(about), breaker: open_breakers.find(about), with_everything };
}

/** Only what is stopped or open by itself. */
export function heldIn(view: SwitchView): Switch[] {
  const names = new Set([...view.stops, ...view.open_breakers].map(({ action }) => action));
  return [...names].map((action) => switchOf(view, action));
}

export function Switches({ viewer, switches }: { viewer: Viewer; switches: readonly Switch[] }) {
  const words = say(viewer).switch;
  const columns: Column<Switch>[] = [
    { head: words.what, cell: ({ action }) => <About viewer={viewer} action={action} /> },
    { head: words.state, cell: (one) => <How viewer={viewer} one={one} /> },
    {
      head: words.since,
      figures: true,
      cell: ({ stop, breaker }) => timeOf(viewer, stop?.at ?? breaker?.opened_at),
    },
    {
      head: words.by,
      cell: ({ stop, breaker }) => textOf(stop?.by ?? (breaker ? words.itself : ""), 60),
    },
    {
      head: words.reason,
      cell: ({ stop, breaker }) => reasonsOf(viewer, [stop?.reason, breaker?.reason]),
    },
    { head: words.decide, cell: (one) => <SwitchButtons viewer={viewer} one={one} /> },
  ];
  return (
    <Table
      viewer={viewer}
      caption={words.title}
      columns={columns}
      rows={switches}
      idOf={({ action }) => `switch-${action ?? ""}`}
    />
  );
}

function timeOf(viewer: Viewer, at: number | undefined) {
  return at === undefined ? null : <Time viewer={viewer} at={at} />;
}

function reasonsOf(viewer: Viewer, reasons: readonly (string | undefined)[]) {
  const told = reasons.filter((reason) => reason !== undefined);
  return told.length === 0 ? null : (
    <>
      {told.map((reason) => (
        <Block viewer={viewer} text={reason} />
      ))}
    </>
  );
}

function About({ viewer, action }: { viewer: Viewer; action: string | null }) {
  return action === null ? <b>{say(viewer).text.everything}</b> : <Text text={action} most={60} />;
}

function How({ viewer, one: { stop, breaker, with_everything } }: { viewer: Viewer; one: Switch }) {
  const words = say(viewer).switch;
  if (stop === undefined && breaker === undefined && !with_everything)
    return <Badge look={{ sign: "play", tone: "good" }} text={words.running} />;
  const stopped = stop === undefined ? with_everything && words.with_everything : words.stopped;
  return (
    <>
      {stopped !== false && <Badge look={{ sign: "stop", tone: "bad" }} text={stopped} />}{" "}
      {breaker !== undefined && <Badge look={{ sign: "bolt", tone: "bad" }} text={words.breaker_opened} />}
    </>
  );
}

function SwitchButtons({ viewer, one: { action, stop, breaker } }: { viewer: Viewer; one: Switch }) {
  const words = say(viewer);
  const button = (what: SwitchDecision, text: string) => (
    <Button
      href={toSwitch(what, action)}
      text={text}
      about={words.decide.about(text, action ?? words.text.everything, "")}
    />
  );
  return (
    <span class="buttons">
      {stop === undefined ? button("stop", words.decide.stop) : button("go-on", words.decide.go_on)}
      {breaker !== undefined && button("close-breaker", words.decide.close_breaker)}
    </span>
  );
}

function Rulings({ viewer, view: { rulings } }: Given) {
  const words = say(viewer).switch;
  const columns: Column<SwitchView["rulings"][number]>[] = [
    { head: words.what, cell: ({ action }) => <About viewer={viewer} action={action} /> },
    { head: words.state, cell: ({ what }) => words[what] },
    { head: words.at, figures: true, cell: ({ at }) => <Time viewer={viewer} at={at} /> },
    { head: words.by, cell: ({ by }) => <Text text={by || words.itself} most={60} /> },
    { head: words.reason, cell: ({ reason }) => <Block viewer={viewer} text={reason} /> },
  ];
  return <Table viewer={viewer} caption={words.rulings} columns={columns} rows={rulings} idOf={idOfRuling} />;
}

function idOfRuling({ at, action, what }: SwitchView["rulings"][number]): string {
  return `ruling-${at}-${action ?? ""}-${what}`;
}
