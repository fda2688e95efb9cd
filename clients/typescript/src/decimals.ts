const DECIMAL = /^([+-]?)(\d+)(?:\.(\d+))?$/;
/** Maximum number of decimals that Intl.NumberFormat shows. */
const MAX_DIGITS = 100;
const LOCALES = { thousands: 'en-US', lakh: 'en-IN' } as const;
const formats = new Map<string, Intl.NumberFormat>();

export interface DecimalFormat {
  /** Number of decimals. Rounds half away from zero. Default: those of the text. */
  digits?: number;
  /** `thousands`: 1,234,567.89. `lakh`: 12,34,567.89. */
  grouping?: 'thousands' | 'lakh';
  /** Short form: 1.2M, or with `lakh` 12L and 1.2Cr. */
  compact?: boolean;
}

/**
 * Formats a decimal string without a float, so that every digit is the server's. Text that is not a decimal is returned unchanged,
 * so that a screen shows it instead of failing.
 */
export function formatDecimal(
  text: string,
  { digits, grouping = 'thousands', compact = false }: DecimalFormat = {},
): string {
  const parts = DECIMAL.exec(text);
  if (parts === null) return text;
  const shown = Math.min(digits ?? parts[3]?.length ?? 0, MAX_DIGITS);
  const key = `${grouping}${compact}${compact && digits === undefined ? '' : shown}`;
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.NumberFormat(LOCALES[grouping], {
      signDisplay: 'negative',
      ...(compact ? { notation: 'compact' } : {}),
      ...(compact && digits === undefined ? {} : { minimumFractionDigits: shown, maximumFractionDigits: shown }),
    });
    formats.set(key, format);
  }
  // Intl reads a string as an exact decimal, and a number as a float.
  return format.format(text as Intl.StringNumericLiteral);
}

/**
 * Compares two decimal strings, for sorting. `1.0` and `1` are equal.
 * @throws RangeError for text that is not a decimal
 */
export function compareDecimals(one: string, other: string): -1 | 0 | 1 {
  const scale = Math.max(scaleOf(one), scaleOf(other));
  const [left, right] = [unitsOf(one, scale), unitsOf(other, scale)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/**
 * Adds decimal strings. The sum has as many decimals as the term with the most.
 * @throws RangeError for text that is not a decimal
 */
export function addDecimals(...terms: readonly string[]): string {
  const scale = Math.max(0, ...terms.map(scaleOf));
  const sum = terms.reduce((total, term) => total + unitsOf(term, scale), 0n);
  const digits = (sum < 0n ? -sum : sum).toString().padStart(scale + 1, '0');
  const at = digits.length - scale;
  return `${sum < 0n ? '-' : ''}${digits.slice(0, at)}${scale === 0 ? '' : `.${digits.slice(at)}`}`;
}

function scaleOf(text: string): number {
  return partsOf(text)[3]?.length ?? 0;
}

function unitsOf(text: string, scale: number): bigint {
  const [, sign, whole, fraction = ''] = partsOf(text);
  const units = BigInt(whole! + fraction.padEnd(scale, '0'));
  return sign === '-' ? -units : units;
}

function partsOf(text: string): RegExpExecArray {
  const parts = DECIMAL.exec(text);
  if (parts === null) throw new RangeError(`"${text}" is not a decimal such as -1234.50.`);
  return parts;
}
