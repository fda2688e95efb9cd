import { Decimal } from '#decimal';

/** Millionths of a dollar for a million tokens: 100_000 is $0.10. So one token of Flash-Lite is a tenth of one. */
export interface ModelPrice {
  inMicros: bigint;
  outMicros: bigint;
}

/** Dollars for a million tokens in and out, as the vendors list them (for prompts up to 200,000 tokens, without discounts), 2025-12. */
const PRICES: Readonly<Record<string, readonly [string, string]>> = {
  'gemini-2.0-flash': ['0.10', '0.40'],
  'gemini-2.0-flash-lite': ['0.075', '0.30'],
  'gemini-2.5-flash': ['0.30', '2.50'],
  'gemini-2.5-flash-lite': ['0.10', '0.40'],
  'gemini-2.5-pro': ['1.25', '10.00'],
  'gpt-4.1': ['2.00', '8.00'],
  'gpt-4.1-mini': ['0.40', '1.60'],
  'gpt-4.1-nano': ['0.10', '0.40'],
  'gpt-4o': ['2.50', '10.00'],
  'gpt-4o-mini': ['0.15', '0.60'],
  'gpt-5': ['1.25', '10.00'],
  'gpt-5-mini': ['0.25', '2.00'],
  'gpt-5-nano': ['0.05', '0.40'],
};

/** The price of a model, or undefined: then its cost is unknown, and the budget counts by a price of its own. */
export function priceOf(model: string): ModelPrice | undefined {
  const name = model
    .toLowerCase()
    .replace(/^(models|openai|google)\//, '')
    .replace(/-(preview|latest|\d{3})$/, '');
  const known = Object.hasOwn(PRICES, name) ? PRICES[name] : undefined;
  return known && { inMicros: microsOf(known[0]), outMicros: microsOf(known[1]) };
}

/** `0.10/0.40`: dollars for a million tokens in and out. */
export const PRICE_PAIR = /^(\d{1,6}(?:\.\d{1,6})?)\/(\d{1,6}(?:\.\d{1,6})?)$/;

/** @throws RangeError if it is not such a pair */
export function readPrice(pair: string): ModelPrice {
  const [, input, output] = PRICE_PAIR.exec(pair) ?? [];
  if (input === undefined || output === undefined) throw new RangeError(`${pair} is no price such as 0.10/0.40`);
  return { inMicros: microsOf(input), outMicros: microsOf(output) };
}

/** Millionths of a dollar, a begun one counted whole. */
export function costMicros(price: ModelPrice, tokensIn: number, tokensOut: number): bigint {
  const exact = BigInt(tokensIn) * price.inMicros + BigInt(tokensOut) * price.outMicros;
  return (exact + 999_999n) / 1_000_000n;
}

/**
 * The most that a call may cost. Two UTF-8 bytes a token: English has four, tables of numbers two or three. Set aside for
 * the length of the call only, so too much costs nothing and too little would overshoot.
 */
export function mostMicros(price: ModelPrice, question: string, maxOutputTokens: number): bigint {
  return costMicros(price, Math.ceil(Buffer.byteLength(question) / 2) + 64, maxOutputTokens);
}

const MICROS = 6;

/** `12.345678` -> 12345678n. At most six decimals. */
export function microsOf(dollars: string): bigint {
  return Decimal.parse(dollars).plus(Decimal.of(0n, MICROS)).round(MICROS).units;
}

/** 12345678n -> `12.345678`. */
export function dollarsOf(micros: bigint | string): string {
  return String(Decimal.of(BigInt(micros), MICROS));
}
