import patcher from 'fast-json-patch';
import { RowWindow } from '#panels';
import { WindowView } from './panel-view.js';

type Row = Record<string, unknown>;

const NAMES = ['price', 'value', 'a/b', 'c~d', 'known', 'flags', 'asOf', 'name', 'currency', 'leg', 'quantity', 'none'];
const viewOf = (row: Row) => new WindowView(new RowWindow<object>([row], () => String(row['id']), {}));
const patchOf = (before: Row, after: Row) =>
  JSON.parse(`[${viewOf(before).patchTo(viewOf(after), '')}]`) as { op: string; path: string }[];

describe('the change of a row', () => {
  it('leads from any row to any other of the same key', () => {
    let seed = 5;
    const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
    const value = (): unknown =>
      [random(3), String(random(3)), null, true, undefined, [random(2)], { a: random(2) }][random(7)];
    for (let round = 0; round < 3_000; round++) {
      const before: Row = {
        id: 'x',
        ...Object.fromEntries(NAMES.filter(() => random(9) > 0).map((name) => [name, value()])),
      };
      const after: Row = { ...before };
      for (let changes = random(6); changes > 0; changes--) after[NAMES[random(NAMES.length)]!] = value();
      if (random(5) === 0) delete after[NAMES[random(NAMES.length)]!];
      const document = JSON.parse(viewOf(before).text) as object;
      const moved = patcher.applyPatch(document, patchOf(before, after) as never, true).newDocument;
      expect(moved).toEqual(JSON.parse(viewOf(after).text));
    }
  });

  it('is an operation for each member that changed, or one for the row where that is shorter', () => {
    const row: Row = Object.fromEntries(['id', ...NAMES].map((name) => [name, '1']));
    expect(patchOf(row, { ...row, price: '2', 'a/b': '2' })).toEqual([
      { op: 'replace', path: '/rows/1/price', value: '2' },
      { op: 'replace', path: '/rows/1/a~1b', value: '2' },
    ]);
    const many = { ...row, price: '2', value: '2', asOf: '2', leg: '2' };
    expect(patchOf(row, many)).toEqual([{ op: 'replace', path: '/rows/1', value: many }]);
  });
});
