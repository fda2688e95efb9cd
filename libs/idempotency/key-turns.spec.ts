import { KeyTurns } from './key-turns.js';

const tooLong = (): Error => new Error('waited in vain');

function gate(): { opened: Promise<void>; open: () => void } {
  let open!: () => void;
  return { opened: new Promise((resolve) => (open = resolve)), open };
}

describe('turns', () => {
  it('turns of one name run one at a time, in order of arrival, also after a failure', async () => {
    const turns = new KeyTurns();
    const first = gate();
    const order: string[] = [];
    const one = turns.take('a', 5_000, tooLong, async () => {
      order.push('1 begins');
      await first.opened;
      order.push('1 ends');
      throw new Error('refused');
    });
    const others = [2, 3].map((n) => turns.take('a', 5_000, tooLong, async () => order.push(`${n}`)));
    await turns.take('b', 5_000, tooLong, async () => order.push('b'));
    first.open();
    await expect(one).rejects.toThrow('refused');
    await Promise.all(others);
    expect(order).toEqual(['1 begins', 'b', '1 ends', '2', '3']);
  });

  it('requests that wait too long for a key fail, and do not delay those behind them', async () => {
    const turns = new KeyTurns();
    const first = gate();
    const one = turns.take('a', 5_000, tooLong, () => first.opened);
    const impatient = turns.take('a', 1, tooLong, async () => 'worked');
    const patient = turns.take('a', 5_000, tooLong, async () => 'worked');
    await expect(impatient).rejects.toThrow('waited in vain');
    first.open();
    await one;
    expect(await patient).toBe('worked');
  });

  it('ended turns leave nothing behind', async () => {
    const turns = new KeyTurns();
    await Promise.all(Array.from({ length: 100 }, (_, n) => turns.take(`${n % 10}`, 5_000, tooLong, async () => n)));
    await new Promise(setImmediate);
    expect(turns.size).toBe(0);
  });
});
