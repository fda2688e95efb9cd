import fc from 'fast-check';
import patcher from 'fast-json-patch';
import { difference } from '../testing/difference.js';
import { applyPatch, type PatchOperation } from './patch.js';
import { reuse } from './reuse.js';

const rowsOf = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`row-${at}`, { value: String(at), name: 'x' }]));

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(frozen);
    Object.freeze(value);
  }
  return value;
}

describe('applyPatch', () => {
  it('a patch changes nothing in the document that it is applied to, and what it does not touch keeps its identity', () => {
    const before = frozen({
      snapshot: { id: 'a' },
      panels: { portfolios: { order: ['row-0', 'row-1'], rows: rowsOf(2) }, system: { demo: false } },
    });
    const after = applyPatch(before, [
      { op: 'replace', path: '/panels/portfolios/rows/row-1/value', value: '7' },
      { op: 'replace', path: '/snapshot/id', value: 'b' },
    ]);
    expect(after.snapshot).toEqual({ id: 'b' });
    expect(after.panels.portfolios.rows).toEqual({
      'row-0': { value: '0', name: 'x' },
      'row-1': { value: '7', name: 'x' },
    });
    expect(after.panels.system).toBe(before.panels.system);
    expect(after.panels.portfolios.order).toBe(before.panels.portfolios.order);
    expect(after.panels.portfolios.rows['row-0']).toBe(before.panels.portfolios.rows['row-0']);
    expect(after.panels.portfolios.rows['row-1']).not.toBe(before.panels.portfolios.rows['row-1']);
  });

  it('a list of 10,000 rows is copied once for a patch, however many operations it has', () => {
    let copies = 0;
    /** Copies of it are lists of this class, too. */
    class CountedList<T> extends Array<T> {
      override slice(): T[] {
        copies += 1;
        return super.slice();
      }
    }
    const items = CountedList.from({ length: 10_000 }, (_, at) => ({ id: at, value: 0 }));
    const patch = Array.from({ length: 1_000 }, (_, at): PatchOperation => ({
      op: 'replace',
      path: `/items/${at}/value`,
      value: 1,
    }));
    const after = applyPatch({ items }, patch);
    expect(copies).toBe(1);
    expect(after.items[999]).toEqual({ id: 999, value: 1 });
    expect(after.items[1_000]).toBe(items[1_000]);
    expect(items[0]!.value).toBe(0);
  });

  it('a panel beside the change is not even read, however large it is', () => {
    const touched = () => {
      throw new Error('The large panel was read.');
    };
    const large = new Proxy({ rows: rowsOf(3) }, { get: touched, ownKeys: touched, has: touched });
    const document = { panels: { small: { rows: rowsOf(3) }, large } };
    const after = applyPatch(document, [{ op: 'replace', path: '/panels/small/rows/row-1/value', value: '7' }]);
    expect(after.panels.small.rows['row-1']).toEqual({ value: '7', name: 'x' });
    expect(after.panels.large === large).toBe(true);
  });

  it('the result is that of RFC 6902 for every pair of documents', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.dictionary(fc.string(), fc.jsonValue()),
        (one, other) => {
          // JSON.parse makes `__proto__` an own member, and JSON from a desk has none.
          fc.pre(!JSON.stringify([one, other]).includes('__proto__'));
          const [before, after] = [JSON.parse(JSON.stringify(one)), JSON.parse(JSON.stringify(other))];
          const patch = difference(before, after);
          expect(applyPatch(frozen(before), patch)).toEqual(after);
        },
      ),
    );
  });

  it.each<PatchOperation[]>([
    [
      { op: 'add', path: '/list/0', value: 'x' },
      { op: 'remove', path: '/list/2' },
    ],
    [
      { op: 'add', path: '/list/-', value: 'x' },
      { op: 'replace', path: '/list/0', value: { a: 1 } },
    ],
    [
      { op: 'add', path: '/a~1b/c~0d', value: 2 },
      { op: 'remove', path: '/a~1b/e' },
    ],
    [
      { op: 'add', path: '/new', value: { in: [1] } },
      { op: 'add', path: '/new/in/0', value: 0 },
    ],
  ])('the operations %j and %j give what fast-json-patch gives', (...patch) => {
    const document = { list: [1, 2], 'a/b': { 'c~d': 1, e: 1 } };
    const expected = patcher.applyPatch(structuredClone(document), structuredClone(patch)).newDocument;
    expect(applyPatch(frozen(document), patch)).toEqual(expected);
  });

  it.each<[PatchOperation['op'], string]>([
    ['replace', '/missing'],
    ['remove', '/missing'],
    ['add', '/missing/x'],
    ['replace', '/list/2'],
    ['remove', '/list/2'],
    ['add', '/list/3'],
    ['add', '/list/x'],
    ['add', '/text/x'],
    ['add', '/__proto__'],
    ['add', '/__proto__/polluted'],
    ['add', '/constructor/prototype/polluted'],
  ])('%s at %s is refused, because the document does not have the place', (op, path) => {
    const operation = { op, path, value: 1 } as PatchOperation;
    expect(() => applyPatch({ list: [1, 2], text: 'x' }, [operation])).toThrow(`The document has no ${path}.`);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe('reuse', () => {
  it('a full cut keeps the identity of what did not change, and of everything if nothing did', () => {
    const before = { panels: { a: { rows: { x: { v: 1 }, y: { v: 2 } } }, b: { items: [{ id: 1 }, { id: 2 }] } } };
    const next = structuredClone(before);
    next.panels.a.rows.y.v = 3;
    next.panels.b.items.unshift({ id: 0 });
    const after = reuse(before, next);
    expect(after).toEqual({
      panels: { a: { rows: { x: { v: 1 }, y: { v: 3 } } }, b: { items: [{ id: 0 }, { id: 1 }, { id: 2 }] } },
    });
    expect(after.panels.a.rows.x).toBe(before.panels.a.rows.x);
    expect(after.panels.b.items[2]).toBe(before.panels.b.items[1]);
    expect(reuse(before, structuredClone(before))).toBe(before);
  });

  it('reuse gives the new value for every pair of values', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (before, after) => {
        const expected = JSON.stringify(after);
        expect(JSON.stringify(reuse(before, JSON.parse(expected)))).toBe(expected);
      }),
    );
  });
});
