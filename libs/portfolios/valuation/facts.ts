/** What a broker says of the trades of one session in one position. Decimal strings. */
export interface DayFacts {
  openQuantity: string;
  buyQuantity?: string;
  buyValue?: string;
  sellQuantity?: string;
  sellValue?: string;
  /** Paid for holding it today: dividend, coupon, funding. */
  income?: string;
}

/** A position as its snapshot has it. Decimal strings, times as `utcTime` writes them. */
export interface PositionFacts {
  key: string;
  leg?: string;
  quantity: string;
  averagePrice: string | null;
  /** Null if it is not known. Then the latest quote prices the position, however old it is. */
  lastPrice: string | null;
  previousClose?: string;
  /** The trading day that the previous close belongs to. Without it: the one before the day of the snapshot. */
  previousCloseDate?: string;
  /** 1 if absent. Brokers also write -1 or 0 for none. */
  multiplier?: string;
  currency?: string;
  valuation?: 'premium' | 'margined' | 'memo';
  pricing?: 'linear' | 'inverse';
  /** The price up to which its profit lies in cash already. Without it: the average price. */
  settlementPrice?: string;
  accrued?: string;
  /** Time of the last price. Without it: that of the snapshot. */
  pricedAt?: string;
  /** The broker's own figures at the last price. */
  value?: string;
  dayPnl?: string;
  day?: DayFacts;
}

/** The latest quote of a key. */
export interface QuoteFacts {
  price: string;
  asOf: string;
  previousClose: string | null;
  previousCloseDate: string | null;
  /** Time of the quote that brought the previous close. */
  previousCloseAsOf: string | null;
  currency: string | null;
}

/** A price and its time: what stands in for a previous close after the roll. */
export interface MarkFacts {
  price: string;
  asOf: string;
  currency: string | null;
}

/** From `exDate` on, one unit of before is `factor` units. */
export interface AdjustmentFacts {
  exDate: string;
  factor: string;
}

/** A snapshot. `broker` and the owner are of no matter here. */
export interface SnapshotFacts {
  asOf: string;
  currency: string;
  cash: string;
  /** Replaces `cash`, if there are any. */
  cashBalances?: readonly { currency: string; amount: string }[];
  /** The broker's own figures, in `currency`. */
  value?: string;
  dayPnl?: string;
  positions: readonly PositionFacts[];
}

/** The price of 1 `base` in `quote`. */
export interface RateFacts {
  base: string;
  quote: string;
  price: string;
  asOf: string;
  previousClose: string | null;
  /** Time of the message that brought the previous close. */
  previousCloseAsOf: string | null;
}
