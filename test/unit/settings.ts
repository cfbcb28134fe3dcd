// Settings as the runtime hands them over.

/** Every required setting, in order. */
export const SET_UP = {
  WEBHOOK_TOKEN: "webhook-token-0123456789",
  ADMIN_TOKEN: "admin-token-0123456789",
  ALLOWED_SOURCES: "203.0.113.7, 2001:db8::/32",
  SOURCE_CHECK: "enforce",
  RETENTION_DAYS: "30",
};

/** An environment that holds these variables and nothing else. */
export function envOf(variables: Record<string, unknown>): Env {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- bindings of the platform cannot be built here, and who reads settings must not touch any
  return variables as unknown as Env;
}
