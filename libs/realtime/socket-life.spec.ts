import { judgeLife } from './socket-life.js';

const MINUTE = 60_000;
const life = { expiresAt: 15 * MINUTE, warnedOf: undefined, lastMessageAt: 0, watching: true };
const judge = (now: number, change: object = {}) => judgeLife({ ...life, ...change }, now, MINUTE, 5 * MINUTE);

describe('the life of a socket', () => {
  it('a socket is warned 60 s before its token expires, once per token', () => {
    expect(judge(14 * MINUTE - 1)).toBe('stays');
    expect(judge(14 * MINUTE)).toBe('expires soon');
    expect(judge(14 * MINUTE, { warnedOf: 15 * MINUTE })).toBe('stays');
    expect(judge(29 * MINUTE, { warnedOf: 15 * MINUTE, expiresAt: 30 * MINUTE })).toBe('expires soon');
  });

  it('a socket expires with its token, warned or not', () => {
    expect(judge(15 * MINUTE)).toBe('expired');
    expect(judge(15 * MINUTE, { warnedOf: 15 * MINUTE })).toBe('expired');
  });

  it('a socket is idle after 5 min without subscription and messages', () => {
    expect(judge(5 * MINUTE - 1, { watching: false })).toBe('stays');
    expect(judge(5 * MINUTE, { watching: false })).toBe('idle');
    expect(judge(5 * MINUTE, { watching: false, lastMessageAt: MINUTE })).toBe('stays');
    expect(judge(13 * MINUTE)).toBe('stays');
  });
});
