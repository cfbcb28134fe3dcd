// The fields that a push can have, as far as the vendor's documents name them: the tables on the incident webhook and the custom
// action, the example of the custom action, and (IncidentInfo, AlertInfo) the description of the Open API, which shows the
// same incidents. What this project reads of them is in push.ts; this is only to notice what is new.

/** By name: the fields within, where there are any to name; null where there are none, or where they are the user's own. */
export interface KnownFields {
  readonly [name: string]: KnownFields | null;
}

const leaves = (names: string): KnownFields => Object.fromEntries(names.split(" ").map((name) => [name, null]));

const PERSON = leaves("person_id person_name email as");
const IMAGE = leaves("src href alt");

/** Said of an incident and of its alerts alike. `labels` are a map of the user's. */
const SUBJECT = leaves(
  "account_id channel_id channel_name channel_status close_time created_at data_source_id data_source_type deleted_at " +
    "description end_time ever_muted integration_id integration_type labels last_time progress start_time title updated_at",
);

const ALERT_EVENT: KnownFields = {
  ...SUBJECT,
  ...leaves("alert_id alert_key event_id event_severity event_status event_time title_rule"),
  images: IMAGE,
};

const ALERT: KnownFields = {
  ...SUBJECT,
  ...leaves(
    "alert_id alert_key alert_severity alert_status data_source_name data_source_ref_id event_cnt integration_name " +
      "integration_ref_id responder_email responder_id responder_name title_rule",
  ),
  events: ALERT_EVENT,
  images: IMAGE,
  incident: leaves("incident_id title progress"),
};

const INCIDENT: KnownFields = {
  ...SUBJECT,
  ...leaves(
    "account_locale account_name account_time_zone ack_time active_alert_cnt ai_summary alert_cnt alert_event_cnt closer_id " +
      "creator_id data_source_ids data_source_types dedup_key detail_url equals_md5 event_id fields frequency group_method " +
      "impact incident_id incident_severity incident_status integration_ids integration_types manual_overrides num owner_id " +
      "post_mortem_id reporter_email resolution root_cause silence_url snoozed_before",
  ),
  assigned_to: leaves("assigned_at emails escalate_rule_id escalate_rule_name id layer_idx person_ids type"),
  creator: PERSON,
  closer: PERSON,
  owner: PERSON,
  responders: { ...PERSON, ...leaves("assigned_at acknowledged_at") },
  alerts: ALERT,
  images: IMAGE,
  links: leaves("name endpoint open_type"),
};

export const KNOWN_FIELDS: KnownFields = {
  ...leaves("event_id event_type event_time"),
  person: PERSON,
  incident: INCIDENT,
};
