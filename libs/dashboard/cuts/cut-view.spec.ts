import { z } from 'zod';
import patcher from 'fast-json-patch';
import type { Cut } from './cut.js';
import { viewKey, viewOf } from './cut-view.js';
import {
  onceForRows,
  ownedList,
  type OwnedList,
  ownerKey,
  replaceItems,
  SnapshotPanel,
  type Viewer,
  windowOf,
  windowParameters,
  windowSchema,
} from '#panels';
import { PanelSet, type WantedPanels } from './panel-set.js';

interface Item {
  id: string;
  user: string;
  cash: number;
}
const item = z.object({ id: z.string(), user: z.string(), cash: z.int() });
const parameters = z.strictObject({
  rich: z.boolean().optional(),
  sort: z.enum(['id', 'cash']).default('id'),
  ...windowParameters,
});
const of = { key: (item: Item) => item.id, owner: (item: Item) => item.user };

class DeskPanel extends SnapshotPanel<OwnedList<Item>> {
  readonly topics = ['quotes'] as const;
  readonly schema = z.object({});
  override readonly parameters = parameters;
  override readonly windowSchema = windowSchema(item, { cash: z.int() });
  viewed = 0;
  constructor(readonly name: string) {
    super();
  }
  load = () => Promise.reject(new Error('not in this test'));
  viewKey = (viewer: Viewer) => ownerKey(viewer);
  view(list: OwnedList<Item>, viewer: Viewer) {
    this.viewed += 1;
    const items = this.#rowsOf(list, viewer);
    return { items, total: items.reduce((sum, item) => sum + item.cash, 0) };
  }
  override window(list: OwnedList<Item>, viewer: Viewer, { rich, sort, ...bounds }: z.output<typeof parameters>) {
    const all = this.#rowsOf(list, viewer);
    const rows = onceForRows(all, `${rich} ${sort}`, () => {
      const kept = rich === undefined ? [...all] : all.filter(({ cash }) => cash >= 100 === rich);
      return sort === 'cash' ? kept.sort((a, b) => b.cash - a.cash || (a.id < b.id ? -1 : 1)) : kept;
    });
    return windowOf(rows, of.key, bounds, { cash: rows.reduce((sum, { cash }) => sum + cash, 0) });
  }
  #rowsOf(list: OwnedList<Item>, viewer: Viewer): readonly Item[] {
    return viewer.operator ? list.all : (list.byOwner.get(viewer.userId) ?? []);
  }
}

const panels = new PanelSet([new DeskPanel('one'), new DeskPanel('two')]);
const operator: Viewer = { userId: 'o', operator: true };
const trader: Viewer = { userId: 'u1', operator: false };
const stampOf = (id: number) => ({ id: String(id), position: id, asOf: '2026-01-01T00:00:00.000Z' });
const cutOf = (id: number, one: OwnedList<Item>, two: OwnedList<Item>): Cut => ({
  snapshot: stampOf(id),
  readUpTo: stampOf(id),
  states: new Map([
    ['one', one],
    ['two', two],
  ]),
});
const documentOf = (cut: Cut, choice: WantedPanels | undefined, viewer: Viewer) => {
  const { snapshot, panels: shown } = JSON.parse(viewOf(cut, panels.choose(choice), viewer).bodyText('cache', 0));
  return { snapshot, panels: shown };
};

describe('the delta between two views', () => {
  it('turns the document at `from` into the one at `to`, for every viewer and choice of panels, over 300 cuts', async () => {
    let seed = 11;
    const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
    const start = await ownedList(
      Array.from({ length: 40 }, (_, at): Item => ({ id: `p${at}`, user: `u${at % 3}`, cash: 100 })),
      of,
    );
    const viewers = [
      ['one', operator],
      ['two', trader],
      [undefined, trader],
      [undefined, operator],
      [{}, operator],
      [{ one: {} }, trader],
      [{ one: { limit: 3 }, two: { limit: 4, offset: 2 } }, operator],
      [{ one: { rich: true }, two: { rich: false, sort: 'cash', limit: 5 } }, operator],
      [{ two: { sort: 'cash' } }, trader],
    ] as const;
    let cut = cutOf(0, start, start);
    const held = viewers.map(([choice, viewer]) => documentOf(cut, choice, viewer));
    for (let id = 1; id <= 300; id++) {
      const keys = new Set(Array.from({ length: 1 + random(4) }, () => `p${random(60)}`));
      const fresh = [...keys]
        .filter(() => random(5) > 0)
        .map((key): Item => ({ id: key, user: `u${random(3)}`, cash: random(200) }));
      const name = random(2) === 0 ? 'one' : 'two';
      const states = new Map(cut.states) as Map<string, OwnedList<Item>>;
      states.set(name, replaceItems(states.get(name)!, keys, fresh, of));
      const next = cutOf(id, states.get('one')!, states.get('two')!);
      const before = cut;
      viewers.forEach(([wanted, viewer], at) => {
        const choice = panels.choose(wanted);
        const message = JSON.parse(viewOf(before, choice, viewer).deltaTo(viewOf(next, choice, viewer)));
        expect([message.from, message.to]).toEqual([held[at]!.snapshot.id, String(id)]);
        held[at] = patcher.applyPatch(held[at]!, message.patch, true).newDocument;
        expect(held[at]).toEqual(documentOf(next, wanted, viewer));
      });
      cut = next;
    }
  });

  it('compares a panel once for all viewers with the same view', async () => {
    const panel = new DeskPanel('desk');
    const set = new PanelSet([panel]);
    const list = await ownedList<Item>([{ id: 'a', user: 'u1', cash: 1 }], of);
    const moved = replaceItems(list, new Set(['a']), [{ id: 'a', user: 'u1', cash: 2 }], of);
    const at = (id: number, state: OwnedList<Item>): Cut => ({
      ...cutOf(id, state, state),
      states: new Map([['desk', state]]),
    });
    const [from, to] = [at(1, list), at(2, moved)];
    const texts = Array.from({ length: 1_000 }, (_, number) => {
      const viewer = { userId: `o${number}`, operator: true };
      return viewOf(from, set.everything, viewer).deltaTo(viewOf(to, set.everything, viewer));
    });
    expect(new Set(texts).size).toBe(1);
    expect(panel.viewed).toBe(2);
  });

  it('omits an unchanged panel without comparing it', async () => {
    const list = await ownedList<Item>([{ id: 'a', user: 'u1', cash: 1 }], of);
    const [from, to] = [1, 2].map((id) => viewOf(cutOf(id, list, list), panels.everything, operator));
    const { patch } = JSON.parse(from!.deltaTo(to!));
    expect(patch).toEqual([{ op: 'replace', path: '/snapshot', value: cutOf(2, list, list).snapshot }]);
  });
});

const rows = await ownedList(
  Array.from({ length: 300 }, (_, at): Item => ({ id: `p${String(at).padStart(3, '0')}`, user: 'u1', cash: at })),
  of,
);

describe('a window', () => {
  const list = rows;

  it('holds 200 rows by default, with the number and the total of all', () => {
    const { one } = documentOf(cutOf(1, list, list), { one: {} }, operator).panels;
    expect(one.order).toEqual(list.all.slice(0, 200).map(of.key));
    expect(Object.keys(one.rows)).toEqual(one.order);
    expect(one.rows.p007).toEqual({ id: 'p007', user: 'u1', cash: 7 });
    expect([one.total, one.cash]).toEqual([300, (299 * 300) / 2]);
    expect(parameters.parse({})).toEqual({ sort: 'id', limit: 200, offset: 0 });
  });

  it('shows the change of a row as the same text to every viewer and window, and only that', () => {
    const moved = replaceItems(list, new Set(['p001']), [{ id: 'p001', user: 'u1', cash: 5 }], of);
    const patchOf = (wanted: WantedPanels, viewer: Viewer) => {
      const [from, to] = [cutOf(1, list, list), cutOf(2, moved, list)].map((cut) =>
        viewOf(cut, panels.choose(wanted), viewer),
      );
      return from!.deltaTo(to!);
    };
    const row = '{"op":"replace","path":"/panels/one/rows/p001","value":{"id":"p001","user":"u1","cash":5}}';
    for (const [wanted, viewer] of [
      [{ one: {} }, operator],
      [{ one: { limit: 10 } }, trader],
      [{ one: { offset: 1, limit: 2 }, two: {} }, operator],
    ] as const)
      expect(patchOf(wanted, viewer)).toContain(row);
    const { patch } = JSON.parse(patchOf({ one: { offset: 2 } }, operator));
    expect(patch.map(({ path }: { path: string }) => path)).toEqual(['/snapshot', '/panels/one/cash']);
  });

  it('says a row that comes or goes by its key, and moves the order by single places', () => {
    const without = replaceItems(list, new Set(['p002']), [], of);
    const [from, to] = [cutOf(1, list, list), cutOf(2, without, list)].map((cut) =>
      viewOf(cut, panels.choose({ one: { limit: 5 } }), operator),
    );
    expect(JSON.parse(from!.deltaTo(to!)).patch.slice(1)).toEqual([
      { op: 'remove', path: '/panels/one/rows/p002' },
      { op: 'add', path: '/panels/one/rows/p005', value: { id: 'p005', user: 'u1', cash: 5 } },
      { op: 'remove', path: '/panels/one/order/2' },
      { op: 'add', path: '/panels/one/order/4', value: 'p005' },
      { op: 'replace', path: '/panels/one/total', value: 299 },
      { op: 'replace', path: '/panels/one/cash', value: (299 * 300) / 2 - 2 },
    ]);
  });
});

const ofTwoUsers = await ownedList<Item>(
  [
    { id: 'a', user: 'u1', cash: 1 },
    { id: 'b', user: 'u2', cash: 2 },
  ],
  of,
);

describe('the view of a viewer', () => {
  const list = ofTwoUsers;
  const cut = cutOf(1, list, list);

  it('shows traders their own rows and operators all', () => {
    expect(documentOf(cut, 'one', trader).panels.one).toEqual({ items: [{ id: 'a', user: 'u1', cash: 1 }], total: 1 });
    expect(documentOf(cut, 'one', operator).panels.one.total).toBe(3);
  });

  it("has an ETag of its content, which another user's trade does not change", () => {
    const moved = replaceItems(list, new Set(['b']), [{ id: 'b', user: 'u2', cash: 9 }], of);
    const next = cutOf(2, moved, moved);
    const tag = (of: Cut, viewer: Viewer) => viewOf(of, panels.everything, viewer).etag;
    expect(tag(next, trader)).toBe(tag(cut, trader));
    expect(tag(next, operator)).not.toBe(tag(cut, operator));
    expect(tag(cut, trader)).not.toBe(tag(cut, operator));
  });

  it('has the same key for viewers with the same view, and different keys for others', () => {
    const key = (viewer: Viewer) => viewKey(panels.everything, viewer);
    expect(key(operator)).toBe(key({ userId: 'another', operator: true }));
    expect(key(trader)).not.toBe(key(operator));
    expect(key(trader)).not.toBe(key({ userId: 'u2', operator: false }));
  });
});

describe('a choice of panels', () => {
  it('accepts names in any order and returns them in the fixed order of panels', () => {
    expect(panels.choose('two, one').key).toBe('one,two');
    expect(panels.choose(undefined)).toBe(panels.everything);
    expect(panels.choose('')).toBe(panels.everything);
  });

  it('takes parameters by panel, as an object or as its JSON, and knows the same ones again', () => {
    const choice = panels.choose({ two: { limit: 5 } });
    expect(choice.key).toBe('two{"sort":"id","limit":5,"offset":0}');
    expect(panels.choose('{"two":{"offset":0,"limit":5}}').key).toBe(choice.key);
    expect(panels.choose({}).parts.map(({ panel }) => panel.name)).toEqual(['one', 'two']);
  });

  it.each<[WantedPanels, object[]]>([
    ['{"one":', [{ field: 'panels', seen: '{"one":', allowed: 'JSON such as {"portfolios":{"limit":50}}' }]],
    [{ three: {} }, [{ field: 'panels', seen: 'three', allowed: 'one, two' }]],
    [
      { one: { limit: 0 }, two: { limit: 1_001, nope: 1 } },
      [
        { field: 'panels.one.limit', seen: '0', allowed: 'a whole number from 1 to 1000' },
        { field: 'panels.two.limit', seen: '1001', allowed: 'a whole number from 1 to 1000' },
        { field: 'panels.two.nope', allowed: 'no such field in this message' },
      ],
    ],
    [{ one: 'all' }, [{ field: 'panels.one', seen: '"all"', allowed: expect.any(String) }]],
  ])('with wrong parameters is refused, naming each: %j', (wanted, errors) => {
    expect(() => panels.choose(wanted)).toThrow(
      expect.objectContaining({ code: 'REQUEST_INVALID', details: expect.objectContaining({ errors }) }),
    );
  });

  it('is refused with the name of each unknown panel', () => {
    expect(() => panels.choose('one,three,__proto__')).toThrow(
      expect.objectContaining({
        code: 'REQUEST_INVALID',
        details: expect.objectContaining({
          errors: [
            { field: 'panels', seen: 'three', allowed: 'one, two' },
            { field: 'panels', seen: '__proto__', allowed: 'one, two' },
          ],
        }),
      }),
    );
  });
});
