import { sameJson } from '#panels';

/** A JSON value. `undefined` members count as absent, as in JSON.stringify. */
export type Json = unknown;

/** An operation of RFC 6902, of the three kinds that a difference needs. */
export type PatchOperation =
  | { op: 'add'; path: string; value: Json }
  | { op: 'replace'; path: string; value: Json }
  | { op: 'remove'; path: string };

/**
 * The RFC 6902 patch that turns `before` into `after`, with every path under `base`.
 * O(n): objects that are identical on both sides are skipped, lists whose items have strictly ordered ids are merged with two
 * pointers, and other lists are compared between their common ends.
 */
export function diffJson(before: Json, after: Json, base = ''): PatchOperation[] {
  const operations: PatchOperation[] = [];
  compare(before, after, base, operations);
  return operations;
}

function compare(before: Json, after: Json, path: string, out: PatchOperation[]): void {
  if (before === after) return;
  if (Array.isArray(before) && Array.isArray(after)) return compareLists(before, after, path, out);
  if (isObject(before) && isObject(after)) return compareObjects(before, after, path, out);
  out.push({ op: 'replace', path, value: after });
}

function compareObjects(before: JsonObject, after: JsonObject, path: string, out: PatchOperation[]): void {
  for (const key of Object.keys(before)) {
    if (before[key] === undefined) continue;
    if (!Object.hasOwn(after, key) || after[key] === undefined) out.push({ op: 'remove', path: at(path, key) });
  }
  for (const key of Object.keys(after)) {
    const value = after[key];
    if (value === undefined) continue;
    if (Object.hasOwn(before, key) && before[key] !== undefined) compare(before[key], value, at(path, key), out);
    else out.push({ op: 'add', path: at(path, key), value });
  }
}

function compareLists(before: readonly Json[], after: readonly Json[], path: string, out: PatchOperation[]): void {
  const direction = idOrder(before) || idOrder(after) || 1;
  if (isOrderedBy(before, direction) && isOrderedBy(after, direction)) merge(before, after, direction, path, out);
  else compareByPlace(before, after, path, out);
}

/** Operations apply one after another, so positions refer to the list after the earlier operations. */
function merge(
  before: readonly Json[],
  after: readonly Json[],
  direction: number,
  path: string,
  out: PatchOperation[],
): void {
  let from = 0;
  let to = 0;
  while (from < before.length || to < after.length) {
    const order =
      from === before.length
        ? 1
        : to === after.length
          ? -1
          : direction * compareText(idOf(before[from])!, idOf(after[to])!);
    if (order < 0) {
      out.push({ op: 'remove', path: `${path}/${to}` });
      from++;
    } else if (order > 0) {
      out.push({ op: 'add', path: `${path}/${to}`, value: after[to] });
      to++;
    } else {
      compare(before[from], after[to], `${path}/${to}`, out);
      from++;
      to++;
    }
  }
}

function compareByPlace(before: readonly Json[], after: readonly Json[], path: string, out: PatchOperation[]): void {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && sameJson(before[start], after[start])) start++;
  let tail = 0;
  while (tail < shorter - start && sameJson(before[before.length - 1 - tail], after[after.length - 1 - tail])) tail++;
  const beforeEnd = before.length - tail;
  const afterEnd = after.length - tail;
  const both = Math.min(beforeEnd, afterEnd);
  for (let place = start; place < both; place++) compare(before[place], after[place], `${path}/${place}`, out);
  for (let place = both; place < beforeEnd; place++) out.push({ op: 'remove', path: `${path}/${both}` });
  for (let place = both; place < afterEnd; place++)
    out.push({ op: 'add', path: `${path}/${place}`, value: after[place] });
}

/** 1 for ascending, -1 for descending, 0 for fewer than two items. */
function idOrder(list: readonly Json[]): number {
  const first = idOf(list[0]);
  const second = idOf(list[1]);
  return first === undefined || second === undefined ? 0 : Math.sign(compareText(second, first));
}

function isOrderedBy(list: readonly Json[], direction: number): boolean {
  let last: string | undefined;
  for (const item of list) {
    const id = idOf(item);
    if (id === undefined || (last !== undefined && direction * compareText(id, last) <= 0)) return false;
    last = id;
  }
  return true;
}

type JsonObject = Record<string, Json>;

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Members that identify an item. The first one present counts. */
const IDENTITIES = ['id', 'portfolioId', 'instrumentId'] as const;

function idOf(item: Json): string | undefined {
  if (!isObject(item)) return undefined;
  for (const name of IDENTITIES) if (typeof item[name] === 'string') return item[name];
  return undefined;
}

/** Compares by UTF-16 unit, like `<` and Array.sort. A locale would cost 50 times as much and differ between machines. */
function compareText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** Escapes `~` and `/` (RFC 6901). */
function at(path: string, key: string): string {
  return `${path}/${key.includes('~') || key.includes('/') ? key.replaceAll('~', '~0').replaceAll('/', '~1') : key}`;
}
