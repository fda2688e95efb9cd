import { inspect, isDeepStrictEqual } from 'node:util';
import { beside } from './beside.js';

describe('values beside objects', () => {
  test('a value is found by its object, and by no other', () => {
    const colours = beside<object, string>();
    const [one, other] = [{ name: 'one' }, { name: 'one' }];
    colours.set(one, 'red');
    expect([colours.get(one), colours.get(other)]).toEqual(['red', undefined]);
    colours.set(one, 'blue');
    expect(colours.get(one)).toBe('blue');
  });

  test('two of them are apart, on the same object too', () => {
    const [colours, sizes] = [beside<object, string>(), beside<object, number>()];
    const list: readonly string[] = [];
    colours.set(list, 'red');
    expect([colours.get(list), sizes.get(list)]).toEqual(['red', undefined]);
    sizes.set(list, 3);
    expect([colours.get(list), sizes.get(list)]).toEqual(['red', 3]);
  });

  test.each<[string, object]>([
    ['an object', { name: 'one' }],
    ['a list', ['one']],
    ['a map', new Map([['one', 1]])],
    ['a frozen object', Object.freeze({ name: 'one' })],
  ])('nothing of it is seen in %s: not in a copy, a comparison, a text or a list of members', (_, object) => {
    const colours = beside<object, string>();
    const before = { ...object };
    const [text, keys, shown] = [JSON.stringify(object), Reflect.ownKeys(object), inspect(object)];
    const equal = structuredClone(object);
    colours.set(object, 'red');
    expect({ ...object }).toEqual(before);
    expect(colours.get({ ...object })).toBeUndefined();
    expect(isDeepStrictEqual(object, equal)).toBe(true);
    expect([JSON.stringify(object), Reflect.ownKeys(object), inspect(object)]).toEqual([text, keys, shown]);
  });

  test('an object keeps its class', () => {
    class Row {}
    const row = new Row();
    beside<Row, number>().set(row, 1);
    expect(row).toBeInstanceOf(Row);
    expect(Object.getPrototypeOf(row)).toBe(Row.prototype);
  });
});
