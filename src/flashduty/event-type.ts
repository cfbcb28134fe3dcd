// What can happen to an incident, by the names that Flashduty gives it.

/** The documented event types, and `i_a_rspd` (responders added), which came after the list. More may come at any time. */
export const EVENT_TYPES = [
  "i_new",
  "i_assign",
  "i_a_rspd",
  "i_snooze",
  "i_wake",
  "i_ack",
  "i_unack",
  "i_storm",
  "i_custom",
  "i_rslv",
  "i_reopen",
  "i_merge",
  "i_comm",
  "i_r_title",
  "i_r_desc",
  "i_r_impact",
  "i_r_rc",
  "i_r_rsltn",
  "i_r_severity",
  "i_r_field",
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** The type of the press of a custom action's button. */
export const PRESS: EventType = "i_custom";
