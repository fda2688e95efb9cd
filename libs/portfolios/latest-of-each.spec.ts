import { latestOfEach } from './latest-of-each.js';

describe('the latest of each key', () => {
  const of = (items: [string, string, string][]) =>
    latestOfEach(
      items.map(([id, asOf, mark]) => ({ id, asOf, mark })),
      ({ id }) => id,
    ).map(({ id, mark }) => `${id}${mark}`);

  it('is the newest item, wherever it stands in the list', () =>
    expect(
      of([
        ['a', '2', 'new'],
        ['a', '1', 'old'],
      ]),
    ).toEqual(['anew']));
  it('is the last of equally new items', () =>
    expect(
      of([
        ['a', '1', 'first'],
        ['a', '1', 'last'],
      ]),
    ).toEqual(['alast']));
  it('comes in the order of the keys by code unit, the order in which rows are locked', () => {
    expect(
      of([
        ['b', '1', ''],
        ['a', '1', ''],
        ['B', '1', ''],
        ['_', '1', ''],
      ]),
    ).toEqual(['B', '_', 'a', 'b']);
  });
});
