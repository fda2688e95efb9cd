/** What a flag of a position or an entry of `incomplete` says, in words. */
export interface FlagWords {
  /** `bad`: a figure is unknown because of it. `warn`: a figure is shown, and stands on an assumption. */
  tone: 'bad' | 'warn';
  short: string;
  long: string;
}

const WORDS: Readonly<Record<string, FlagWords>> = {
  average_unknown: bad('no average', 'The average price is unknown, so profit since purchase is too.'),
  day_trades_disagree: bad('trades disagree', "The day's trades do not lead to the quantity."),
  no_previous_close: bad('no close', 'The previous close is unknown, so the day P&L is too.'),
  no_price: bad('no price', 'There is no price. Add a feed of quotes for this contract, or send quotes.'),
  no_rate: bad('no rate', 'There is no exchange rate to the currency of the total. Send one to /v1/rates.'),
  positions_incomplete: bad('incomplete', 'A figure of a position is unknown, so the sum is too.'),
  previous_close_of_another_day: bad('old close', 'The previous close is of another session day.'),
  previous_close_zero: bad('zero close', 'The previous close is zero.'),
  price_not_positive: bad('zero price', 'The price is zero or negative.'),
  split_suspected: bad('split?', 'The price moved like a split. Record the adjustment, or send a new snapshot.'),
  currency_mismatch: warn('currency', 'The quote is in another currency than the position.'),
  previous_close_rolled: warn('rolled close', 'The previous close is the last price before the session day began.'),
  rate_stale: warn('old rate', 'The exchange rate is old.'),
  reconciliation_difference: warn('differs', "The broker's own figure differs from ours."),
  snapshot_of_another_day: warn('old snapshot', 'The snapshot is of another session day.'),
  stale_price: warn('old price', 'The price is older than the session allows.'),
};

/** Words for a reason that this version of the console does not know, too. */
export function flagWords(reason: string): FlagWords {
  return WORDS[reason] ?? warn(reason.replaceAll('_', ' '), reason.replaceAll('_', ' '));
}

/** The flags with the worst first, each once. */
export function sortedFlags(reasons: readonly string[]): FlagWords[] {
  const words = [...new Set(reasons)].map(flagWords);
  return [...words.filter(({ tone }) => tone === 'bad'), ...words.filter(({ tone }) => tone === 'warn')];
}

function bad(short: string, long: string): FlagWords {
  return { tone: 'bad', short, long };
}

function warn(short: string, long: string): FlagWords {
  return { tone: 'warn', short, long };
}
