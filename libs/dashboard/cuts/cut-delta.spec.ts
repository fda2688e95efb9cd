import { z } from 'zod';
import patcher from 'fast-json-patch';
import type { Cut } from './cut.js';
import { CutDelta } from './cut-delta.js';
import { bodyText, viewKey, viewOf } from './cut-view.js';
import { ownedList, type OwnedList, ownerKey, replaceItems, SnapshotPanel, type Viewer } from '#panels';
import { PanelSet } from './panel-set.js';

interface Item {
  id: string;
  user: string;
  cash: number;
}
const of = { key: (item: Item) => item.id, owner: (item: Item) => item.user };

class DeskPanel extends SnapshotPanel<OwnedList<Item>> {
  readonly topics = ['quotes'] as const;
  readonly schema = z.object({});
  viewed = 0;
  constructor(readonly name: string) {
    super();
  }
  load = () => Promise.reject(new Error('not in this test'));
  viewKey = (viewer: Viewer) => ownerKey(viewer);
  view(list: OwnedList<Item>, viewer: Viewer) {
    this.viewed += 1;
    const items = viewer.operator ? list.all : (list.byOwner.get(viewer.userId) ?? []);
    return { items, total: items.reduce((sum, item) => sum + item.cash, 0) };
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
const documentOf = (cut: Cut, choice: string | undefined, viewer: Viewer) => {
  const { snapshot, panels: shown } = JSON.parse(bodyText(viewOf(cut, panels.choose(choice), viewer), 'cache', 0));
  return { snapshot, panels: shown };
};

describe('a delta between two cuts', () => {
  it('turns the document at `from` into the one at `to`, for every viewer and choice of panels, over 300 cuts', () => {
    let seed = 11;
    const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
    const start = ownedList(
      Array.from({ length: 40 }, (_, at): Item => ({ id: `p${at}`, user: `u${at % 3}`, cash: 100 })),
      of,
    );
    const viewers = [
      ['one', operator],
      ['two', trader],
      [undefined, trader],
      [undefined, operator],
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
      const delta = new CutDelta(cut, next);
      viewers.forEach(([choice, viewer], at) => {
        const message = JSON.parse(delta.text(panels.choose(choice), viewer));
        expect([message.from, message.to]).toEqual([held[at]!.snapshot.id, String(id)]);
        held[at] = patcher.applyPatch(held[at]!, message.patch, true).newDocument;
        expect(held[at]).toEqual(documentOf(next, choice, viewer));
      });
      cut = next;
    }
  });

  it('compares a panel once for all viewers with the same view', () => {
    const panel = new DeskPanel('desk');
    const set = new PanelSet([panel]);
    const list = ownedList<Item>([{ id: 'a', user: 'u1', cash: 1 }], of);
    const moved = replaceItems(list, new Set(['a']), [{ id: 'a', user: 'u1', cash: 2 }], of);
    const at = (id: number, state: OwnedList<Item>): Cut => ({
      ...cutOf(id, state, state),
      states: new Map([['desk', state]]),
    });
    const delta = new CutDelta(at(1, list), at(2, moved));
    const texts = Array.from({ length: 1_000 }, (_, viewer) =>
      delta.text(set.everything, { userId: `o${viewer}`, operator: true }),
    );
    expect(new Set(texts).size).toBe(1);
    expect(panel.viewed).toBe(2);
  });

  it('omits an unchanged panel without comparing it', () => {
    const list = ownedList<Item>([{ id: 'a', user: 'u1', cash: 1 }], of);
    const { patch } = JSON.parse(
      new CutDelta(cutOf(1, list, list), cutOf(2, list, list)).text(panels.everything, operator),
    );
    expect(patch).toEqual([{ op: 'replace', path: '/snapshot', value: cutOf(2, list, list).snapshot }]);
  });
});

describe('the view of a viewer', () => {
  const list = ownedList<Item>(
    [
      { id: 'a', user: 'u1', cash: 1 },
      { id: 'b', user: 'u2', cash: 2 },
    ],
    of,
  );
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
