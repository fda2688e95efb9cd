/** Why a figure is null. */
export type BlockingReason =
  | 'average_unknown'
  | 'day_trades_disagree'
  | 'no_previous_close'
  | 'no_price'
  | 'no_rate'
  | 'positions_incomplete'
  | 'previous_close_of_another_day'
  | 'previous_close_zero'
  | 'price_not_positive'
  | 'split_suspected';

/** What a figure stands on, though it is a number. */
export type TellingReason =
  | 'currency_mismatch'
  | 'previous_close_rolled'
  | 'rate_stale'
  | 'reconciliation_difference'
  | 'snapshot_of_another_day'
  | 'split_suspected'
  | 'stale_price';

/** A figure that is null or that stands on an assumption. Without a field it concerns all of them. */
export interface Incomplete {
  position?: string;
  leg?: string;
  currency?: string;
  field?: 'value' | 'unrealised' | 'dayPnl' | 'price' | 'fxPnl';
  reason: BlockingReason | TellingReason;
}

/** Reasons that make no figure null. `split_suspected` makes the day P&L null and leaves the value. */
const TELLING: ReadonlySet<string> = new Set<TellingReason>([
  'currency_mismatch',
  'previous_close_rolled',
  'rate_stale',
  'reconciliation_difference',
  'snapshot_of_another_day',
  'stale_price',
]);
const LISTED = 20;

/** At most 20, those that make a figure null first. */
export function shownIncomplete(all: readonly Incomplete[]): Incomplete[] {
  if (all.length <= LISTED) return [...all];
  const [blocking, telling]: [Incomplete[], Incomplete[]] = [[], []];
  for (const entry of all) (TELLING.has(entry.reason) ? telling : blocking).push(entry);
  return [...blocking, ...telling].slice(0, LISTED);
}
