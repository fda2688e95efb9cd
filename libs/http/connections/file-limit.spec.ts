import { connectionsBelow, openFilesLimit, softLimitOf } from './file-limit.js';

describe('the limit of open files', () => {
  it('the soft limit of open files is read from the text of /proc', () => {
    const line = (soft: string) =>
      `Max processes  1 2 processes\nMax open files            ${soft}                 4096  files\n`;
    expect(['1024', 'unlimited'].map((soft) => softLimitOf(line(soft)))).toEqual([1_024, Infinity]);
    expect(softLimitOf('')).toBe(1_024);
  });

  it('the connection limit of this process leaves room for files and the database', () => {
    expect(openFilesLimit()).toBeGreaterThan(0);
    expect([1_024, 100, 1_000_000, Infinity].map(connectionsBelow)).toEqual([768, 75, 50_000, 50_000]);
  });
});
