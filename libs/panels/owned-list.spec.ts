import { ownedList, replaceItems } from './owned-list.js';

interface Item {
  id: string;
  user: string;
  cash: string;
}
const of = { key: (item: Item) => item.id, owner: (item: Item) => item.user };
const item = (id: string, user = 'u1', cash = '1'): Item => ({ id, user, cash });

describe('a list of owned items', () => {
  it('is ordered by key, as a whole and for each owner', async () => {
    const list = await ownedList([item('c'), item('a', 'u2'), item('b')], of);
    expect(list.all.map(of.key)).toEqual(['a', 'b', 'c']);
    expect(list.byOwner.get('u1')!.map(of.key)).toEqual(['b', 'c']);
  });

  it('stays the same object if the new items are equal', async () => {
    const list = await ownedList([item('a'), item('b')], of);
    expect(replaceItems(list, new Set(['a']), [item('a')], of)).toBe(list);
  });

  it('shares all unchanged items', async () => {
    const list = await ownedList([item('a'), item('b'), item('c', 'u2')], of);
    const next = replaceItems(list, new Set(['a']), [item('a', 'u1', '2')], of);
    expect(next.all[1]).toBe(list.all[1]);
    expect(next.byOwner.get('u2')).toBe(list.byOwner.get('u2'));
  });

  it('made again of equal items is the list before, and of others shares what is equal', async () => {
    const list = await ownedList([item('a'), item('b'), item('c', 'u2')], of);
    expect(await ownedList([item('c', 'u2'), item('b'), item('a')], of, list)).toBe(list);
    const next = await ownedList([item('a'), item('b', 'u1', '2'), item('c', 'u2'), item('d')], of, list);
    expect(next.all.map((each) => list.all.includes(each))).toEqual([true, false, true, false]);
    expect([...next.byOwner].map(([owner, items]) => items === list.byOwner.get(owner))).toEqual([false, true]);
  });

  it('of many items lets other work run while it is made', async () => {
    const items = Array.from({ length: 50_000 }, (_, at) => item(`k${at}`));
    let turns = 0;
    let making = true;
    const others = (async () => {
      for (; making; turns++) await new Promise(setImmediate);
    })();
    const list = await ownedList(items, of);
    making = false;
    await others;
    expect([list.all.length, turns >= 5]).toEqual([50_000, true]);
  });

  it('moves an item to its new owner, and removes owners without items', async () => {
    const list = await ownedList([item('a', 'u1')], of);
    const next = replaceItems(list, new Set(['a']), [item('a', 'u2')], of);
    expect([...next.byOwner.keys()]).toEqual(['u2']);
  });

  it('equals a newly made list after any sequence of changes', async () => {
    let seed = 7;
    const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
    const truth = new Map<string, Item>();
    let list = await ownedList<Item>([], of);
    for (let round = 0; round < 2_000; round++) {
      // Few keys are searched for; of many an index is made.
      const many = round % 5 === 0;
      const keys = new Set(Array.from({ length: many ? 60 : 1 + random(5) }, () => `k${random(70)}`));
      for (const key of keys) {
        if (random(4) === 0 && round % 3 > 0) truth.delete(key);
        else if (truth.has(key) || round % 3 > 0)
          truth.set(key, item(key, round % 3 > 0 ? `u${random(4)}` : truth.get(key)!.user, String(random(3))));
      }
      const fresh = [...keys].flatMap((key) => truth.get(key) ?? []);
      const told = new Map(list.all.map((item) => [item.id, item]));
      list = replaceItems(list, keys, fresh, of, (before, after) => {
        expect([before, after].map((item) => item?.id)).not.toEqual([undefined, undefined]);
        if (after === undefined) told.delete(before!.id);
        else told.set(after.id, after);
      });
      expect(new Set(told.values())).toEqual(new Set(list.all));
      const anew = await ownedList([...truth.values()], of);
      expect(list.all).toEqual(anew.all);
      expect(Object.fromEntries(list.byOwner)).toEqual(Object.fromEntries(anew.byOwner));
    }
  });
});
