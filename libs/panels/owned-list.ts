import { setImmediate as pause } from 'node:timers/promises';
import { beside } from './beside.js';
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
  /** Tells quickly that two items differ; false if they may be equal. */
  differ?(one: Item, other: Item): boolean;
}

/** Items that are looked at without a pause: about 5 ms. */
const AT_ONCE = 10_000;

/**
 * Makes a list of all items, in pieces, so that 100,000 of them do not stop the event loop.
 * @param previous items and lists that equal its own stay the same objects, and it itself if nothing differs
 */
export async function ownedList<Item extends object>(
  items: readonly Item[],
  of: Owned<Item>,
  previous?: OwnedList<Item>,
): Promise<OwnedList<Item>> {
  const all = items.slice();
  // Mostly they are in order: looking costs a tenth of the keys that a sort compares.
  if (!(await inOrder(all, of))) all.sort((one, other) => (of.key(one) < of.key(other) ? -1 : 1));
  const before = previous && finderIn(previous.all, all.length, of);
  const index = new Map<string, number>();
  const byOwner = new Map<string, Item[]>();
  for (let at = 0; at < all.length; at++) {
    if (at % AT_ONCE === AT_ONCE - 1) await pause();
    let item = all[at]!;
    const key = of.key(item);
    const old = before && previous.all[before(key)];
    if (old !== undefined && isSame(old, item, of)) all[at] = item = old;
    index.set(key, at);
    const mine = byOwner.get(of.owner(item));
    if (mine === undefined) byOwner.set(of.owner(item), [item]);
    else mine.push(item);
  }
  if (all.length >= INDEX_FROM) indexes.set(all, index);
  return previous === undefined ? { all, byOwner } : withListsOf(previous, { all, byOwner });
}

async function inOrder<Item>(items: readonly Item[], of: Owned<Item>): Promise<boolean> {
  for (let at = 1; at < items.length; at++) {
    if (at % AT_ONCE === AT_ONCE - 1) await pause();
    if (of.key(items[at - 1]!) > of.key(items[at]!)) return false;
  }
  return true;
}

function withListsOf<Item extends object>(previous: OwnedList<Item>, list: OwnedList<Item>): OwnedList<Item> {
  if (haveSameItems(previous.all, list.all)) return previous;
  const byOwner = new Map(list.byOwner);
  for (const [owner, items] of byOwner) {
    const before = previous.byOwner.get(owner);
    if (before !== undefined && haveSameItems(before, items)) byOwner.set(owner, before);
  }
  return { all: list.all, byOwner };
}

function haveSameItems<Item>(one: readonly Item[], other: readonly Item[]): boolean {
  return one.length === other.length && one.every((item, at) => item === other[at]);
}

/** Whether an item equals one of before, which then stays the object that comparisons skip. */
function isSame<Item extends object>(before: Item, after: Item, of: Owned<Item>): boolean {
  return before === after || (!of.differ?.(before, after) && sameJson(before, after));
}

/** A key whose item changes: from `before`, at `place` of all items, to `after`; undefined if there is none. */
interface Replacement<Item> {
  key: string;
  place: number;
  before: Item | undefined;
  after: Item | undefined;
}

/**
 * Returns the list without the items of these keys and with `fresh`, or the same list if all fresh items equal the old ones.
 * Costs a look-up for each key and a copy of the references of `all` and of the owners' lists that change; lists of other owners
 * stay the same objects.
 * @param changed is called for each item that differs, with the one before and the one after
 */
export function replaceItems<Item extends object>(
  list: OwnedList<Item>,
  keys: ReadonlySet<string>,
  fresh: readonly Item[],
  of: Owned<Item>,
  changed?: (before: Item | undefined, after: Item | undefined) => void,
): OwnedList<Item> {
  const changes = changesIn(list.all, keys, fresh, of);
  if (changes.length === 0) return list;
  if (changed !== undefined) for (const { before, after } of changes) changed(before, after);
  if (changes.every(({ before, after }) => before && after && of.owner(before) === of.owner(after)))
    return inPlace(list, changes, of);
  changes.sort((one, other) => (one.key < other.key ? -1 : 1));

  const byOwner = new Map(list.byOwner);
  for (const [owner, ofOwner] of changesByOwner(changes, of)) {
    const items = withChanges(list.byOwner.get(owner) ?? [], ofOwner, of);
    if (items.length > 0) byOwner.set(owner, items);
    else byOwner.delete(owner);
  }
  return { all: withChanges(list.all, changes, of), byOwner };
}

function changesIn<Item extends object>(
  all: readonly Item[],
  keys: ReadonlySet<string>,
  fresh: readonly Item[],
  of: Owned<Item>,
): Replacement<Item>[] {
  const find = finderIn(all, Math.max(keys.size, fresh.length), of);
  const changes: Replacement<Item>[] = [];
  const add = (key: string, after: Item | undefined) => {
    const place = find(key);
    const before = all[place];
    if (before === after || (before && after && isSame(before, after, of))) return;
    changes.push({ key, place, before, after });
  };
  for (const item of fresh) add(of.key(item), item);
  if (keys.size === 0) return changes;
  const incoming = new Set(fresh.map(of.key));
  for (const key of keys) if (!incoming.has(key)) add(key, undefined);
  return changes;
}

/** Items come in the places of those before them, which is what a tick does. */
function inPlace<Item extends object>(
  list: OwnedList<Item>,
  changes: readonly Replacement<Item>[],
  of: Owned<Item>,
): OwnedList<Item> {
  const all = list.all.slice();
  const copies = new Map<string, Item[]>();
  for (const { key, place, after } of changes) {
    all[place] = after!;
    const owner = of.owner(after!);
    let copy = copies.get(owner);
    if (copy === undefined) copies.set(owner, (copy = list.byOwner.get(owner)!.slice()));
    copy[placeOf(copy, key, of)] = after!;
  }
  const index = indexes.get(list.all);
  if (index !== undefined) indexes.set(all, index);
  const byOwner = new Map(list.byOwner);
  for (const [owner, copy] of copies) byOwner.set(owner, copy);
  return { all, byOwner };
}

/** Number of look-ups from which an index is made. It serves all lists that have the same keys. */
const INDEX_FROM = 32;
const indexes = beside<readonly object[], ReadonlyMap<string, number>>();

/** Returns a function that gives the place of a key, -1 if there is none. */
function finderIn<Item extends object>(
  all: readonly Item[],
  lookUps: number,
  of: Owned<Item>,
): (key: string) => number {
  let index = indexes.get(all);
  if (index === undefined && lookUps >= INDEX_FROM)
    indexes.set(all, (index = new Map(all.map((item, place) => [of.key(item), place]))));
  if (index !== undefined) return (key) => index.get(key) ?? -1;
  return (key) => {
    const place = placeOf(all, key, of);
    return place < all.length && of.key(all[place]!) === key ? place : -1;
  };
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
    const { before, after } = change;
    const [from, to] = [before && of.owner(before), after && of.owner(after)];
    if (from === to) add(from!, change);
    else {
      if (from !== undefined) add(from, { ...change, after: undefined });
      if (to !== undefined) add(to, { ...change, before: undefined });
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
