// For whom a chart is drawn: of the page's viewer, what a chart needs to know.
import type { Viewer as PageViewer } from "../viewer.ts";
import type { Clock } from "./clock.ts";

export type Viewer = Pick<PageViewer, "now" | "zone" | "language">;

/** The same inside of a picture, with the clock that its parts share. */
export interface Onlooker extends Viewer {
  clock: Clock;
}
