import { Decimal } from '#decimal';

/** A currency by its major unit: an amount in it times `factor` is an amount in `major`. */
export interface CurrencyUnit {
  major: string;
  factor: Decimal;
}

const ONE = Decimal.of(1n);
const HUNDREDTH = Decimal.of(1n, 2);

/** Minor units that prices are quoted in, each exactly a part of its major currency. */
const MINOR: Readonly<Record<string, CurrencyUnit>> = {
  GBX: { major: 'GBP', factor: HUNDREDTH },
  GBp: { major: 'GBP', factor: HUNDREDTH },
  ZAC: { major: 'ZAR', factor: HUNDREDTH },
  ZAc: { major: 'ZAR', factor: HUNDREDTH },
  ILA: { major: 'ILS', factor: HUNDREDTH },
  USX: { major: 'USD', factor: HUNDREDTH },
  KWF: { major: 'KWD', factor: Decimal.of(1n, 3) },
};

const units = new Map<string, CurrencyUnit>(Object.entries(MINOR));

/** The unit of a currency code. USDT is USDT: no peg is assumed. */
export function currencyUnit(currency: string): CurrencyUnit {
  return units.get(currency) ?? { major: currency, factor: ONE };
}

/** Whether two codes mean one unit: GBX and GBp do, GBX and GBP do not. */
export function isSameUnit(a: string, b: string): boolean {
  if (a === b) return true;
  const [one, other] = [currencyUnit(a), currencyUnit(b)];
  return one.major === other.major && one.factor.compare(other.factor) === 0;
}
