import { z } from 'zod';
import { publishSchemas } from '#schemas';
import { Decimal, decimalString, nonNegativeDecimal } from '#decimal';
import { currencyCode, wireText } from '#text';
import { VENUE_NAMES } from '#venues';
import { calendarDay, deskTime, instrumentKey } from '../wire-fields.js';

export const snapshotVenue = z.enum(VENUE_NAMES, { error: 'a venue such as "NSE"; `GET /v1/venues` lists them' });

/** What happened to a position since its day began. Values are money with the multiplier, and may be negative as prices may. */
const dayFacts = z.strictObject(
  {
    openQuantity: decimalString,
    buyQuantity: nonNegativeDecimal.optional(),
    buyValue: decimalString.optional(),
    sellQuantity: nonNegativeDecimal.optional(),
    sellValue: decimalString.optional(),
    income: decimalString.optional(),
  },
  { error: 'day facts: {openQuantity, buyQuantity?, buyValue?, sellQuantity?, sellValue?, income?}' },
);
type DayFacts = z.output<typeof dayFacts>;

/** A position of a snapshot, identified by `key` and `leg`. */
export const position = z
  .strictObject(
    {
      key: instrumentKey,
      leg: wireText(32).optional().describe('distinguishes positions of one key: `LONG`, `SHORT`, `MIS`'),
      quantity: decimalString,
      averagePrice: decimalString.nullable().describe('null if it is not known'),
      lastPrice: decimalString.nullable().describe('null if it is not known, until a quote brings one'),
      pricedAt: deskTime.optional().describe('time of `lastPrice`, if it is not `asOf`'),
      previousClose: decimalString.optional().describe('0 means that it is not known'),
      previousCloseDate: calendarDay.optional().describe('session day of `previousClose`'),
      multiplier: decimalString.optional(),
      currency: currencyCode.optional().describe('that of the portfolio by default'),
      venue: snapshotVenue.optional().describe('that of the portfolio by default'),
      valuation: z.enum(['premium', 'margined', 'memo'], { error: 'premium, margined or memo' }).optional(),
      pricing: z.enum(['linear', 'inverse'], { error: 'linear or inverse' }).optional(),
      settlementPrice: decimalString.optional().describe('price up to which the P&L of a margined position is in cash'),
      accrued: decimalString.optional().describe('accrued interest: value, but not P&L of the day'),
      value: decimalString.optional().describe("the broker's own value"),
      dayPnl: decimalString.optional().describe("the broker's own P&L of the day"),
      day: dayFacts.optional(),
    },
    { error: 'a position: {key, quantity, averagePrice, lastPrice, previousClose?, multiplier?, ..}' },
  )
  .check(({ value: { quantity, pricing, valuation = 'premium', day }, issues }) => {
    const refuse = (path: string[], input: unknown, message: string) =>
      issues.push({ code: 'custom', path, input, message });
    if (pricing === 'inverse' && valuation === 'premium')
      refuse(['valuation'], valuation, 'margined or memo, because the pricing is inverse');
    if (day === undefined) return;
    if (!isBalanced(day, quantity))
      refuse(['day', 'openQuantity'], day.openQuantity, `openQuantity + buyQuantity - sellQuantity = ${quantity}`);
    for (const side of ['buy', 'sell'] as const) {
      const [traded, value] = [isZero(day[`${side}Quantity`]), day[`${side}Value`]];
      if (traded && !isZero(value)) refuse(['day', `${side}Value`], value, `0, because ${side}Quantity is 0`);
      if (!traded && value === undefined && !isOpenedToday(day))
        refuse(['day', `${side}Value`], value, `the money of ${side}Quantity`);
    }
  });

function isZero(amount = '0'): boolean {
  return !/[1-9]/.test(amount);
}

/** Without trades the position is as the day began, or was opened today. True for an amount that is none: it is refused as such. */
function isBalanced({ openQuantity, buyQuantity, sellQuantity }: DayFacts, quantity: string): boolean {
  const [open, now, bought, sold] = [openQuantity, quantity, buyQuantity ?? '0', sellQuantity ?? '0'].map(Decimal.read);
  if (!open || !now || !bought || !sold) return true;
  if (buyQuantity === undefined && sellQuantity === undefined && open.sign === 0) return true;
  return open.plus(bought).minus(sold).compare(now) === 0;
}

/** Opened today and nothing said of money: the average price then says what was paid. */
function isOpenedToday({ openQuantity, buyValue, sellValue }: DayFacts): boolean {
  return isZero(openQuantity) && buyValue === undefined && sellValue === undefined;
}

publishSchemas({
  DayFacts: dayFacts,
  PositionValuation: position.shape.valuation.unwrap(),
  SnapshotPosition: position,
});
