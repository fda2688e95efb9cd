/** SQL for a timestamptz as RFC 3339 in UTC with microseconds; a JavaScript Date would lose the last three digits. */
export function utc(column: string): string {
  return `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}
