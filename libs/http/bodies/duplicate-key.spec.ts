import { duplicateKey, keysSpelled } from './duplicate-key.js';

const keysOf = (value: unknown): number =>
  typeof value !== 'object' || value === null
    ? 0
    : Object.values(value).reduce<number>(
        (sum, item) => sum + keysOf(item),
        Array.isArray(value) ? 0 : Object.keys(value).length,
      );

describe('Keys of a JSON text', () => {
  it.each([
    [{}],
    [[]],
    ['a: "b": c'],
    [{ a: 1, b: { a: 2, 'c"d': '":' } }],
    [{ '\\': '\\', '\\"': ['"', { x: '\\\\' }] }],
    [[{ a: 1 }, { a: 1 }, { '': null }]],
  ])('repeated keys are found as they are in %j', (value) => {
    for (const text of [JSON.stringify(value), JSON.stringify(value, null, '\t')]) {
      expect(keysSpelled(text)).toBe(keysOf(value));
      expect(duplicateKey(text)).toBeUndefined();
    }
  });

  it.each([
    ['{"a":1,"a":2}', 'a'],
    ['{"x":[{"k":{"a":1}, "k" : 2}]}', 'k'],
    ['{"a":1,"b":{"a":1},"\\u0061":2}', 'a'],
    ['{"a":"}{","a":1}', 'a'],
  ])('twice in one object of %s are found', (text, key) => {
    expect(keysSpelled(text)).toBeGreaterThan(keysOf(JSON.parse(text)));
    expect(duplicateKey(text)).toBe(key);
  });
});
