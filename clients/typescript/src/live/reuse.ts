/** Members that identify an item of a list. The first one present counts. */
const IDENTITIES = ['id', 'portfolioId', 'instrumentId', 'endpointId'] as const;

/**
 * Returns `after` with every equal part of `before` in place of its own, and `before` itself if both are equal. A full cut then changes
 * the identity of what has changed only, as a delta does. Changes `after`, which must have been parsed from JSON for this call.
 */
export function reuse<T>(before: unknown, after: T): T {
  if (before === after || !isContainer(before) || !isContainer(after)) return after;
  if (Array.isArray(before) !== Array.isArray(after)) return after;
  return (Array.isArray(after) ? reuseList(before as unknown[], after) : reuseObject(before, after)) as T;
}

function reuseObject(before: object, after: object): object {
  const [old, now] = [before as Record<string, unknown>, after as Record<string, unknown>];
  const names = Object.keys(now);
  let same = names.length === Object.keys(old).length;
  for (const name of names) {
    if (Object.hasOwn(old, name)) now[name] = reuse(old[name], now[name]);
    if (!Object.hasOwn(old, name) || old[name] !== now[name]) same = false;
  }
  return same ? before : after;
}

function reuseList(before: readonly unknown[], after: unknown[]): readonly unknown[] {
  const name = IDENTITIES.find((identity) => isContainer(after[0]) && Object.hasOwn(after[0], identity));
  const idOf = (item: unknown) => (item as Record<string, unknown> | null)?.[name!];
  const byId = name === undefined ? undefined : new Map(before.map((item) => [idOf(item), item]));
  let same = before.length === after.length;
  for (let at = 0; at < after.length; at++) {
    after[at] = reuse(byId === undefined ? before[at] : byId.get(idOf(after[at])), after[at]);
    if (before[at] !== after[at]) same = false;
  }
  return same ? before : after;
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
