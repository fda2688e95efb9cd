import patcher from 'fast-json-patch';
import { diffJson, type Json } from './json-diff.js';

/** A small repeatable random generator (mulberry32). A failing run names its seed. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const scalars: Json[] = ['', '0', 'a', 0, 1, -1, 1.5, true, false, null, 'x/y~z'];
const keys = ['id', 'cash', 'a/b', 'm~n', '', '0', 'items', 'ütf'];

function someJson(next: () => number, depth: number): Json {
  const pick = next();
  if (depth === 0 || pick < 0.4) return scalars[Math.floor(next() * scalars.length)];
  if (pick < 0.6) return Array.from({ length: Math.floor(next() * 5) }, () => someJson(next, depth - 1));
  if (pick < 0.8) return keyedList(next, depth);
  return Object.fromEntries(
    keys.filter(() => next() < 0.5).map((key) => [key, next() < 0.05 ? undefined : someJson(next, depth - 1)]),
  );
}

function keyedList(next: () => number, depth: number): Json[] {
  const ids = Array.from({ length: 12 }, (_, at) => `p${String(at).padStart(2, '0')}`).filter(() => next() < 0.6);
  if (next() < 0.3) ids.reverse();
  return ids.map((id) => ({ id, value: someJson(next, depth - 1) }));
}

const wire = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

describe('the patch between two states', () => {
  it('turns one JSON value into the other when an independent RFC 6902 implementation applies it (1,000 pairs)', () => {
    for (let seed = 1; seed <= 1_000; seed++) {
      const next = random(seed);
      const before = { value: someJson(next, 4) ?? null };
      const after = { value: someJson(next, 4) ?? null };
      const patch = wire(diffJson(before, after));
      const { newDocument } = patcher.applyPatch(wire(before), patch, true);
      try {
        expect(newDocument).toEqual(wire(after));
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error });
      }
    }
  });

  it('is empty when nothing changed, whether or not the objects are the same', () => {
    const state = { items: [{ id: 'a', cash: '1' }], totals: [] };
    expect(diffJson(state, state)).toEqual([]);
    expect(diffJson(state, structuredClone(state))).toEqual([]);
  });

  it('replaces only the changed cell', () => {
    const before = {
      items: [
        { id: 'a', cash: '1' },
        { id: 'b', cash: '2' },
      ],
    };
    const after = { items: [before.items[0], { id: 'b', cash: '3' }] };
    expect(diffJson(before, after, '/panels/portfolios')).toEqual([
      { op: 'replace', path: '/panels/portfolios/items/1/cash', value: '3' },
    ]);
  });

  it('adds and removes single items of a list ordered by id, ascending or descending', () => {
    const list = (...ids: string[]) => ids.map((id) => ({ id }));
    expect(diffJson(list('a', 'c', 'd'), list('b', 'c', 'd'))).toEqual([
      { op: 'remove', path: '/0' },
      { op: 'add', path: '/0', value: { id: 'b' } },
    ]);
    expect(diffJson(list('3', '2', '1'), list('4', '3', '2'))).toEqual([
      { op: 'add', path: '/0', value: { id: '4' } },
      { op: 'remove', path: '/3' },
    ]);
  });

  it('does not read inside an object that is identical on both sides', () => {
    const untouchable = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('read');
        },
      },
    );
    expect(diffJson({ a: untouchable, b: 1 }, { a: untouchable, b: 2 })).toHaveLength(1);
  });

  it('escapes ~ and / in member names', () => {
    expect(diffJson({ 'a/b~c': 1 }, { 'a/b~c': 2 })).toEqual([{ op: 'replace', path: '/a~1b~0c', value: 2 }]);
  });

  it('reads each item a bounded number of times, whatever the length of the list', () => {
    const readsOf = (length: number): number => {
      let reads = 0;
      const counted = <T extends object>(value: T): T =>
        new Proxy(value, { get: (target, key) => (reads++, Reflect.get(target, key)) });
      const before = Array.from({ length }, (_, at) => ({ id: String(at).padStart(6, '0'), cash: '1' }));
      const after = before.map((item, at) => (at % 100 === 0 ? { ...item, cash: '2' } : item));
      expect(diffJson(counted(before), counted(after))).toHaveLength(length / 100);
      return reads / length;
    };
    expect(readsOf(10_000)).toBeLessThan(1.1 * readsOf(1_000));
  });
});
