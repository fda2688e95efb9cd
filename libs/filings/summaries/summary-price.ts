import { Decimal } from '#decimal';

/**
 * Millionths of a US dollar per million tokens: 100_000 is $0.10. One token of Flash-Lite costs a tenth of a millionth.
 */
export interface ModelPrice {
  inMicros: bigint;
  outMicros: bigint;
}

/**
 * US dollars per million tokens, input and output, from the vendors' lists (prompts up to 200,000 tokens, no
 * discounts), 2025-12.
 */
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

/** Price of a model. If undefined, its cost is unknown and the budget uses its fallback price. */
export function priceOf(model: string): ModelPrice | undefined {
  const name = model
    .toLowerCase()
    .replace(/^(models|openai|google)\//, '')
    .replace(/-(preview|latest|\d{3})$/, '');
  const known = Object.hasOwn(PRICES, name) ? PRICES[name] : undefined;
  return known && { inMicros: microsOf(known[0]), outMicros: microsOf(known[1]) };
}

/** Parses `0.10/0.40`: US dollars per million tokens, input/output. */
export const PRICE_PAIR = /^(\d{1,6}(?:\.\d{1,6})?)\/(\d{1,6}(?:\.\d{1,6})?)$/;

/** @throws RangeError if the text is not such a pair */
export function readPrice(pair: string): ModelPrice {
  const [, input, output] = PRICE_PAIR.exec(pair) ?? [];
  if (input === undefined || output === undefined) throw new RangeError(`${pair} is no price such as 0.10/0.40`);
  return { inMicros: microsOf(input), outMicros: microsOf(output) };
}

/** Cost in millionths of a US dollar, rounded up. */
export function costMicros(price: ModelPrice, tokensIn: number, tokensOut: number): bigint {
  const exact = BigInt(tokensIn) * price.inMicros + BigInt(tokensOut) * price.outMicros;
  return (exact + 999_999n) / 1_000_000n;
}

/**
 * Maximum cost of a call, at two UTF-8 bytes per token: English text has four, tables of numbers two or three. The
 * amount is only reserved during the call, so an estimate that is too high costs nothing and one that is too low
 * overshoots the budget.
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
