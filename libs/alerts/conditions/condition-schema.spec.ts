import { z } from 'zod';
import { conditionSchema } from './condition-schema.js';

const schema = z.strictObject({ condition: conditionSchema });
const leaf = { op: 'contains', field: 'payload.title', value: 'merger' };
const issues = (condition: unknown) =>
  schema.safeParse({ condition }).error?.issues.map(
    (issue) =>
      `${issue.path
        .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
        .join('')
        .slice(1)}: ${issue.message}`,
  );
const deep = (levels: number): unknown => (levels === 1 ? leaf : { not: deep(levels - 1) });

describe('a condition', () => {
  it('a condition is a tree of all, any, not and tests, and is returned unchanged', () => {
    const condition = {
      all: [
        { op: 'equals', field: 'type', value: 'NewsPublished' },
        {
          any: [
            { op: 'ticker', values: ['AAPL', 'MSFT'] },
            { op: 'matches', field: 'payload.title', value: '\\bmerg(er|ing)\\b', caseSensitive: true },
          ],
        },
        { not: { op: 'between', field: 'payload.price', low: '1', high: '2.5' } },
        { op: 'moved', field: 'payload.price', withinSeconds: 900, by: '5', unit: 'percent', direction: 'up' },
        { op: 'form', values: ['8-K'], amendments: true },
        { op: 'exists', field: 'payload.url' },
      ],
    };
    expect(schema.parse({ condition })).toEqual({ condition });
  });

  it.each([
    [
      { all: [leaf, leaf, { any: [{ ...leaf, op: 'looksLike' }] }] },
      'condition.all[2].any[0].op: one of equals, contains',
    ],
    [{ all: [leaf, { field: 'type', value: 'x' }] }, 'condition.all[1].op: one of'],
    [
      { not: { any: [{ ...leaf, field: 'payload.__proto__.x y' }] } },
      'condition.not.any[0].field: a field of the event',
    ],
    [{ ...leaf, field: 'secret' }, 'condition.field: a field of the event'],
    [{ any: [{ op: 'gt', field: 'payload.price', value: 5 }] }, 'condition.any[0].value: a decimal string'],
    [{ op: 'gt', field: 'payload.price', value: '5.0e3' }, 'condition.value: a decimal string'],
    [{ all: [] }, 'condition.all: a list of 1 to 100'],
    [{ all: 'x' }, 'condition.all: a list of 1 to 100'],
    [{ all: [leaf], any: [leaf] }, 'condition: only one of all, any'],
    [{ all: [leaf], field: 'type' }, 'condition.field: nothing beside all'],
    [{ not: null }, 'condition.not: an object'],
    [[leaf], 'condition: an object'],
    [undefined, 'condition: an object'],
    [{ ...leaf, regex: true }, 'condition.regex: no such member of contains'],
    [
      { op: 'matches', field: 'payload.title', value: '(a)\\1' },
      'condition.value: a regular expression: no back references (at character 5 of ',
    ],
    [{ op: 'ticker', values: [] }, 'condition.values: a list of 1 to 500'],
    [{ op: 'in', field: 'type', values: ['a', 7] }, 'condition.values[1]: text of 1 to 500'],
    [{ op: 'moved', field: 'payload.price', by: '5', unit: 'percent' }, 'condition.from: either from'],
    [
      { op: 'moved', field: 'payload.price', by: '0.00', unit: 'percent', from: 'payload.close' },
      'condition.by: a decimal string above 0',
    ],
    [{ op: 'constructor' }, 'condition.op: one of'],
  ])('%j is refused by the path of the invalid part', (condition, expected) => {
    const [first] = issues(condition)!;
    expect(first!.slice(0, expected.length)).toBe(expected);
  });

  it('a condition has an issue for every invalid node, not only the first', () => {
    expect(issues({ any: [{ ...leaf, op: 'x' }, leaf, { ...leaf, field: '' }] })).toHaveLength(2);
  });

  it('a condition has at most 8 levels, 200 nodes and 20 patterns', () => {
    expect(issues(deep(8))).toBeUndefined();
    expect(issues(deep(9))).toEqual([`condition${'.not'.repeat(8)}: at most 8 levels`]);
    const wide = (n: number) => ({ any: [{ all: Array(99).fill(leaf) }, { all: Array(n).fill(leaf) }] });
    expect(issues(wide(98))).toBeUndefined();
    expect(issues(wide(99))![0]).toContain('at most 200 nodes');
    const patterns = (n: number) => ({ any: Array(n).fill({ op: 'matches', field: 'payload.title', value: 'a+' }) });
    expect(issues(patterns(20))).toBeUndefined();
    expect(issues(patterns(21))).toEqual(['condition.any[20].op: at most 20 patterns in a condition']);
  });
});
