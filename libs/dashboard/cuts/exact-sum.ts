/** A decimal without rounding: `units` x 10^-`scale`. */
export interface Exact {
  readonly units: bigint;
  readonly scale: number;
}

/** Reads a decimal string as PostgreSQL writes numeric (never with an exponent). */
export function exact(decimal: string): Exact {
  const point = decimal.indexOf('.');
  if (point < 0) return { units: BigInt(decimal), scale: 0 };
  return { units: BigInt(decimal.slice(0, point) + decimal.slice(point + 1)), scale: decimal.length - point - 1 };
}

/** Adds decimals exactly, as `sum(numeric)` does: the answer has as many decimals as the longest of them. */
export class ExactSum {
  readonly #byScale: bigint[] = [];

  add({ units, scale }: Exact): void {
    while (this.#byScale.length <= scale) this.#byScale.push(0n);
    this.#byScale[scale] = this.#byScale[scale]! + units;
  }

  toString(): string {
    let units = 0n;
    this.#byScale.forEach((part, scale) => (units = scale === 0 ? part : units * 10n + part));
    const scale = Math.max(0, this.#byScale.length - 1);
    const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
    const sign = units < 0n ? '-' : '';
    return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  }
}
