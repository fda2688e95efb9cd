/**
 * Returns the newest item of each key, or the last of equally new ones. `INSERT .. ON CONFLICT` fails on a key that comes
 * twice. Sorts by key (code units, PostgreSQL's "C"), so all writers lock rows in one order and cannot deadlock.
 */
export function latestOfEach<T extends { asOf: string }>(items: readonly T[], keyOf: (item: T) => string): T[] {
  const latest = new Map<string, T>();
  for (const item of items) {
    const known = latest.get(keyOf(item));
    if (!known || known.asOf <= item.asOf) latest.set(keyOf(item), item);
  }
  return [...latest].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, item]) => item);
}
