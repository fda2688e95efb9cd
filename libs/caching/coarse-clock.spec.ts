import { setImmediate as turn } from 'node:timers/promises';
import { coarseClock } from './coarse-clock.js';

describe('the clock of a cache', () => {
  it('reads the time once for all hits of a turn, and again soon after it', async () => {
    let [time, readings] = [1_000, 0];
    const clock = coarseClock(() => (readings++, time));
    expect([clock(), clock(), readings]).toEqual([1_000, 1_000, 1]);
    time = 1_005;
    while (clock() === 1_000) await turn();
    expect([clock(), readings]).toEqual([1_005, 2]);
  });
});
