// The tables of an object, brought to the newest version. `PRAGMA user_version` is refused there, so a table holds it.

/** Whether anything was ever stored here. */
export function isPresent(sql: SqlStorage): boolean {
  return sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'schema'").toArray().length > 0;
}

/** Applies in order, each once, what has not been applied yet. To be called inside a transaction. */
export function migrate(sql: SqlStorage, migrations: readonly string[]): void {
  if (!isPresent(sql)) sql.exec("CREATE TABLE schema (version INTEGER PRIMARY KEY) STRICT, WITHOUT ROWID");
  const { version } = sql.exec<{ version: number }>("SELECT coalesce(max(version), 0) AS version FROM schema").one();
  for (const [index, statements] of migrations.entries()) {
    if (index < version) continue;
    sql.exec(statements);
    sql.exec("INSERT INTO schema (version) VALUES (?)", index + 1);
  }
}
