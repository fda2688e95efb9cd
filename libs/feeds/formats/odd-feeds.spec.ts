import fc from 'fast-check';
import { brokenFeed, GOOD, oddFeed } from './odd-feeds.fixture.js';
import { parseFeed } from './parse-feed.js';
import readDocument from './read-document.js';
import { UnreadableDocument } from './unreadable-document.js';

/** Words of errors of a program. */
const INTERNAL =
  /TypeError|RangeError|undefined|of null|is not a function|is not iterable|Cannot (read|set)|constructor\b.*\bnew\b/;

describe('any feed', () => {
  it('a feed with odd fields loses no entry: each is an item, unreadable with a reason, or repeats an item', async () => {
    await fc.assert(
      fc.asyncProperty(oddFeed, async ({ kind, text, entries }) => {
        const found = await parseFeed(kind, text);
        expect(found.faults).toEqual([]);
        expect(found.entries).toBe(entries);
        expect(found.items.length + found.unreadable + found.repeated).toBe(entries);
        expect(found.warnings.length).toBeGreaterThanOrEqual(found.unreadable);
        expect(found.items.some(({ title }) => title.includes(GOOD))).toBe(true);
        for (const { reason } of found.warnings) expect(reason).not.toMatch(INTERNAL);
      }),
      { numRuns: 300 },
    );
  });

  it('a feed of broken bytes is read or refused with a reason, and never fails in another way', async () => {
    await fc.assert(
      fc.asyncProperty(brokenFeed, async ({ kind, bytes }) => {
        const input = { kind, body: bytes, contentType: undefined, quotes: undefined, now: new Date(), known: null };
        const found = await readDocument(input);
        if ('refused' in found) {
          expect(new UnreadableDocument(found.refused).message).not.toMatch(INTERNAL);
          return;
        }
        expect(found.faults).toEqual([]);
        expect(found.items.length + found.unreadable).toBeLessThanOrEqual(found.entries);
        for (const { reason } of found.warnings) expect(reason).not.toMatch(INTERNAL);
      }),
      { numRuns: 300 },
    );
  });
});
