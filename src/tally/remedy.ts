// What to do about drift: for the page, in its languages.
import type { Language } from "../domain/report.ts";
import type { DriftKind } from "./finding.ts";

/** In a sentence or two, what it means and what to do. */
export const REMEDIES: Readonly<Record<DriftKind, Readonly<Record<Language, string>>>> = {
  event_type: {
    en: "Flashduty sends a type of event that its documents did not name. It is recorded, and no rule runs for it. If one should, add the type to src/flashduty/event-type.ts and write the rule.",
    zh: "Flashduty 发送了文档中没有的事件类型。事件已记录，但不会触发任何规则。如需触发，请把该类型加入 src/flashduty/event-type.ts 并编写规则。",
  },
  field: {
    en: "Pushes carry a field that no document named. It is kept as received, and nothing reads it. If the playbook can use it, add it to src/flashduty/push.ts; in any case to src/flashduty/known-fields.ts, and this line goes away.",
    zh: "推送中出现了文档没有列出的字段。内容按原样保存，不会被读取。如需在 playbook 中使用，请加入 src/flashduty/push.ts；无论是否使用，加入 src/flashduty/known-fields.ts 后不再提示。",
  },
  source: {
    en: "A push with the right token came from an address that is not listed. Compare it with the addresses that Flashduty publishes: if it is one of them, add it to ALLOWED_SOURCES and replay what the quarantine has kept. If not, somebody else has the token: change WEBHOOK_TOKEN.",
    zh: "携带正确令牌的推送来自未列出的地址。请与 Flashduty 公布的地址核对：若属于其中，请加入 ALLOWED_SOURCES，并重放隔离区中的推送；若不属于，说明令牌已泄露，请更换 WEBHOOK_TOKEN。",
  },
  custom_body: {
    en: "This webhook sends a custom request body whose placeholders were not filled in, and its pushes are refused. In Flashduty's console, switch off the webhook's custom request body; then replay what the quarantine has kept, as far as it is whole.",
    zh: "该 Webhook 使用了自定义请求体，且占位符未被替换，推送因此被拒绝。请在 Flashduty 控制台关闭该 Webhook 的自定义请求体，然后重放隔离区中内容完整的推送。",
  },
};
