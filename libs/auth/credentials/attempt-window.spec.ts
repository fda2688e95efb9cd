import { AttemptWindow } from './attempt-window.js';

describe('the window of attempts', () => {
  it('forgets the least recently used key rather than growing', () => {
    const window = new AttemptWindow(1, 1000, 100);
    for (let n = 0; n < 10_000; n++) window.add(`key ${n}`, 0);
    expect(window.size).toBe(100);
    expect(window.waitMs('key 9999', 0)).toBe(1000);
  });

  it('never gives back more than was taken', () => {
    const window = new AttemptWindow(1, 1000, 100);
    window.refund('a');
    window.add('a', 0);
    window.refund('a');
    window.refund('a');
    window.add('a', 0);
    expect(window.waitMs('a', 0)).toBe(1000);
  });
});
