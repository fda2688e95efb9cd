import { createCollection } from '@tanstack/db';
import { createDesk } from '../index.js';
import { FakeDesk } from '../testing/index.js';
import { panelCollection } from './index.js';

const row = (id: string, value: string) => ({ portfolioId: id, value }) as never;

describe('a TanStack DB collection over a panel', () => {
  it('the collection follows the rows of the panel, each change of the panel in one transaction', async () => {
    const rows = { a: row('a', '1'), b: row('b', '2') };
    const fake = new FakeDesk({ panels: { portfolios: { order: ['a', 'b'], rows, total: 2 } } });
    const desk = createDesk({ ...fake.options, signIn: fake.credentials('operator') });
    const collection = createCollection(panelCollection(desk.watch({ portfolios: {} }), 'portfolios'));
    await collection.preload();
    const shown = () => collection.toArray.map(({ $key, value }) => `${$key}=${value}`).sort();
    expect(shown()).toEqual(['a=1', 'b=2']);
    const changes: string[][] = [];
    let onChanges = () => undefined as void;
    const subscription = collection.subscribeChanges(
      (batch) => {
        changes.push(batch.map(({ type, key }) => `${type} ${key}`).sort());
        onChanges();
      },
      { includeInitialState: true },
    );
    const changed = new Promise<void>((resolve) => (onChanges = resolve));
    fake.change(({ portfolios }) => {
      delete portfolios!.rows!['a'];
      portfolios!.rows!['b'] = row('b', '3');
      portfolios!.rows!['c'] = row('c', '4');
    });
    await changed;
    expect(shown()).toEqual(['b=3', 'c=4']);
    expect(changes).toEqual([
      ['insert a', 'insert b'],
      ['delete a', 'insert c', 'update b'],
    ]);
    subscription.unsubscribe();
    await collection.cleanup();
    desk.close();
  });
});
