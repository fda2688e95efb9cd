import { flagWords, sortedFlags } from './flag-words.js';

describe('flags of positions in words', () => {
  it('a flag that hides a figure comes before one that only qualifies it, and each is shown once', () => {
    const flags = sortedFlags(['stale_price', 'no_price', 'stale_price', 'rate_stale']);
    expect(flags.map(({ short, tone }) => [short, tone])).toEqual([
      ['no price', 'bad'],
      ['old price', 'warn'],
      ['old rate', 'warn'],
    ]);
  });

  it('a reason that the console does not know is shown in its own words', () => {
    expect(flagWords('venue_closed')).toEqual({ tone: 'warn', short: 'venue closed', long: 'venue closed' });
  });
});
