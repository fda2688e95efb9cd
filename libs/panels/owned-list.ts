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

/**
 * Returns the list without the items of these keys and with `fresh`. Moves O(n) references and copies no list of other owners.
 * Returns the same list if all fresh items equal the old ones.
 */
export function replaceItems<Item extends object>(
  list: OwnedList<Item>,
  keys: ReadonlySet<string>,
  fresh: readonly Item[],
  of: Owned<Item>,
): OwnedList<Item> {
  const incoming = new Map(fresh.map((item) => [of.key(item), item]));
  const owners = new Map<string, Item[]>(fresh.map((item) => [of.owner(item), []]));
  let differs = false;
  for (const old of list.all) {
    const key = of.key(old);
    if (!keys.has(key)) continue;
    const item = incoming.get(key);
    // Equal: keeps the old object, so that comparisons skip it.
    if (item !== undefined && sameJson(old, item)) incoming.set(key, old);
    else {
      differs = true;
      owners.set(of.owner(old), []);
    }
  }
  const sorted = [...incoming.values()].sort((one, other) => (of.key(one) < of.key(other) ? -1 : 1));
  if (!differs && sorted.every((item) => find(list.all, of.key(item), of) === item)) return list;
  for (const item of sorted) owners.get(of.owner(item))!.push(item);
  const byOwner = new Map(list.byOwner);
  for (const [owner, items] of owners) {
    const merged = merge(list.byOwner.get(owner) ?? [], keys, items, of);
    if (merged.length > 0) byOwner.set(owner, merged);
    else byOwner.delete(owner);
  }
  return { all: merge(list.all, keys, sorted, of), byOwner };
}

function merge<Item>(
  before: readonly Item[],
  gone: ReadonlySet<string>,
  fresh: readonly Item[],
  of: Owned<Item>,
): readonly Item[] {
  const out: Item[] = [];
  let next = 0;
  for (const item of before) {
    const key = of.key(item);
    while (next < fresh.length && of.key(fresh[next]!) < key) out.push(fresh[next++]!);
    if (!gone.has(key)) out.push(item);
  }
  while (next < fresh.length) out.push(fresh[next++]!);
  // An owner whose items are all equal keeps the same list.
  return out.length === before.length && out.every((item, at) => item === before[at]) ? before : out;
}

function find<Item>(sorted: readonly Item[], key: string, of: Owned<Item>): Item | undefined {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (of.key(sorted[middle]!) < key) low = middle + 1;
    else high = middle;
  }
  const found = sorted[low];
  return found !== undefined && of.key(found) === key ? found : undefined;
}
