import { changedBetween, changedFrom, type PortfolioBook } from './portfolio-book.js';

describe('what differs between two books', () => {
  const book = () => ({}) as PortfolioBook;
  const [first, ids] = [book(), new Set(['p1'])];

  test('is known of a book and the one it was made from', () => {
    expect(changedBetween(first, changedFrom(first, book(), ids))).toBe(ids);
  });

  test('is not known of others: what follows the second book reads the third one as a whole', () => {
    const second = changedFrom(first, book(), ids);
    const third = changedFrom(second, book(), new Set(['p2']));
    expect(changedBetween(first, third)).toBeUndefined();
    expect(changedBetween(undefined, third)).toBeUndefined();
    expect(changedBetween(second, book())).toBeUndefined();
  });
});
