/**
 * Of the items with one key the newest, of equally new ones the last: what a single `INSERT .. ON CONFLICT` may hold,
 * which fails on a key that comes twice. In the order of the keys (by code unit, PostgreSQL's "C"), so that all
 * writers lock rows in one order and none can deadlock with another.
 */
export function latestOfEach<T extends { asOf: string }>(items: readonly T[], keyOf: (item: T) => string): T[] {
  const latest = new Map<string, T>();
  for (const item of items) {
    const known = latest.get(keyOf(item));
    if (!known || known.asOf <= item.asOf) latest.set(keyOf(item), item);
  }
  return [...latest].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, item]) => item);
}
