import { ListSplitter, type SplitError } from './list-splitter.js';

const LIMITS = { itemBytes: 1_000, restBytes: 1_000, depth: 8 };

function split(text: string, piece: number, limits = LIMITS): { items: string[]; rest: string } {
  const items: string[] = [];
  const splitter = new ListSplitter('list', limits, (item) => items.push(item.toString()));
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += piece) splitter.write(bytes.subarray(at, at + piece));
  return { items, rest: splitter.rest().toString() };
}

describe('the items of a list', () => {
  it.each([
    [{ list: [] }],
    [{ list: [1, 'a,]}"\\', { list: [1, [2]] }, [], 'é€😀'] }],
    [{ other: { list: [1] }, list: [{ a: 1 }], more: ['list', [1]] }],
    [{ list: 'list', a: [1, 2] }],
    [{ 'li\\st"': [1], list: [null, true, -1.5e9] }],
    [[{ list: [1] }]],
    ['list'],
  ])('the items and the rest of %j are the same however the text is split', (value) => {
    const list = (value as { list?: unknown }).list;
    const expected = Array.isArray(list) ? list : [];
    const shell = Array.isArray(list) ? { ...(value as object), list: [] } : value;
    for (const text of [JSON.stringify(value), JSON.stringify(value, null, ' ')])
      for (const piece of [1, 2, 3, 7, 1_000]) {
        const { items, rest } = split(text, piece);
        expect(items.map((item) => JSON.parse(item))).toEqual(expected);
        expect(JSON.parse(rest)).toEqual(shell);
      }
  });

  it('the items of a list are found by an escaped name too', () => {
    expect(split('{"l\\u0069st":[1,2]}', 4).items).toEqual(['1', '2']);
  });

  it.each(['{"list":[1,]}', '{"list":[,1]}', '{"list":[,]}'])(
    'of %s include an empty text, which is no JSON',
    (text) => {
      expect(split(text, 3).items).toContain('');
    },
  );

  it.each([
    ['{"list":[1}', 'syntax'],
    ['{"list":[]}}', 'syntax'],
    [`{"list":[${'['.repeat(9)}`, 'depth'],
    [`{"a":${'['.repeat(9)}`, 'depth'],
    [`{"list":["${'x'.repeat(1_001)}`, 'item'],
    [`{"a":"${'x'.repeat(1_001)}`, 'rest'],
  ])('a list body %.20s is refused: %s', (text, reason) => {
    for (const piece of [1, 10_000])
      expect(() => split(text, piece)).toThrow(expect.objectContaining({ reason }) as SplitError);
  });

  it('the items of a list may together be larger than one item may be', () => {
    const items = Array.from({ length: 100 }, (_, n) => `"${String(n).padEnd(90, 'x')}"`);
    expect(split(`{"list":[${items.join()}]}`, 64).items).toEqual(items);
  });
});
