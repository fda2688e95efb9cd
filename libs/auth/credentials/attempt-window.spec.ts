import { AttemptWindow } from './attempt-window.js';

describe('the window of attempts', () => {
  it('an attempt window drops the least recently used key instead of growing', () => {
    const window = new AttemptWindow(1, 1000, 100);
    for (let n = 0; n < 10_000; n++) window.add(`key ${n}`, 0);
    expect(window.size).toBe(100);
    expect(window.waitMs('key 9999', 0)).toBe(1000);
  });

  it('an attempt window never takes back more attempts than it counted', () => {
    const window = new AttemptWindow(1, 1000, 100);
    window.refund('a');
    window.add('a', 0);
    window.refund('a');
    window.refund('a');
    window.add('a', 0);
    expect(window.waitMs('a', 0)).toBe(1000);
  });
});
