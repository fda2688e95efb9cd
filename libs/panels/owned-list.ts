import { sameJson } from './same-json.js';

/** Items ordered by key, as a whole and for each owner. Unchanged parts stay the same objects. */
export interface OwnedList<Item extends object> {
  readonly all: readonly Item[];
  readonly byOwner: ReadonlyMap<string, readonly Item[]>;
}

/** Reads key and owner of an item. Keys are unique. */
export interface Owned<Item> {
  key(item: Item): string;
  owner(item: Item): string;
}

/** Makes a list. */
export function ownedList<Item extends object>(items: readonly Item[], of: Owned<Item>): OwnedList<Item> {
  return replaceItems({ all: [], byOwner: new Map() }, new Set(items.map(of.key)), items, of);
}

/** A key whose item changes: from `before` to `after`, undefined if there is none. */
interface Replacement<Item> {
  key: string;
  before: Item | undefined;
  after: Item | undefined;
}

/**
 * Returns the list without the items of these keys and with `fresh`, or the same list if all fresh items equal the old ones.
 * Costs a look-up for each key and a copy of the references of `all` and of the owners' lists that change; lists of other owners
 * stay the same objects.
 */
export function replaceItems<Item extends object>(
  list: OwnedList<Item>,
  keys: ReadonlySet<string>,
  fresh: readonly Item[],
  of: Owned<Item>,
): OwnedList<Item> {
  const incoming = new Map(fresh.map((item) => [of.key(item), item]));
  const changes: Replacement<Item>[] = [];
  for (const key of new Set([...keys, ...incoming.keys()])) {
    const before = itemAt(list.all, key, of);
    const after = incoming.get(key);
    // An equal item stays the old object, so that comparisons skip it.
    if (before !== after && !(before && after && sameJson(before, after))) changes.push({ key, before, after });
  }
  if (changes.length === 0) return list;
  changes.sort((one, other) => (one.key < other.key ? -1 : 1));

  const byOwner = new Map(list.byOwner);
  for (const [owner, ofOwner] of changesByOwner(changes, of)) {
    const items = withChanges(list.byOwner.get(owner) ?? [], ofOwner, of);
    if (items.length > 0) byOwner.set(owner, items);
    else byOwner.delete(owner);
  }
  return { all: withChanges(list.all, changes, of), byOwner };
}

function changesByOwner<Item extends object>(
  changes: readonly Replacement<Item>[],
  of: Owned<Item>,
): Map<string, Replacement<Item>[]> {
  const byOwner = new Map<string, Replacement<Item>[]>();
  const add = (owner: string, change: Replacement<Item>) => {
    const known = byOwner.get(owner);
    if (known === undefined) byOwner.set(owner, [change]);
    else known.push(change);
  };
  for (const change of changes) {
    const { key, before, after } = change;
    const [from, to] = [before && of.owner(before), after && of.owner(after)];
    if (from === to) add(from!, change);
    else {
      if (from !== undefined) add(from, { key, before, after: undefined });
      if (to !== undefined) add(to, { key, before: undefined, after });
    }
  }
  return byOwner;
}

/** @param changes in the order of their keys */
function withChanges<Item>(
  items: readonly Item[],
  changes: readonly Replacement<Item>[],
  of: Owned<Item>,
): readonly Item[] {
  if (changes.every(({ before, after }) => before !== undefined && after !== undefined)) {
    const copy = items.slice();
    for (const { key, after } of changes) copy[placeOf(items, key, of)] = after!;
    return copy;
  }
  const out: Item[] = [];
  let next = 0;
  for (const { key, after } of changes) {
    const place = placeOf(items, key, of);
    while (next < place) out.push(items[next++]!);
    if (next < items.length && of.key(items[next]!) === key) next++;
    if (after !== undefined) out.push(after);
  }
  while (next < items.length) out.push(items[next++]!);
  return out;
}

function itemAt<Item>(sorted: readonly Item[], key: string, of: Owned<Item>): Item | undefined {
  const found = sorted[placeOf(sorted, key, of)];
  return found !== undefined && of.key(found) === key ? found : undefined;
}

/** The place of the first item whose key is not smaller. */
function placeOf<Item>(sorted: readonly Item[], key: string, of: Owned<Item>): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (of.key(sorted[middle]!) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
