import { z } from 'zod';

/** How a quantity is written: a whole number and the name of a unit, `15m` or `64MiB`. */
export interface Unit {
  /** For error messages, e.g. "a duration such as 15m". */
  readonly example: string;
  /** Largest first. */
  readonly factors: readonly (readonly [name: string, factor: number])[];
  write(value: number): string;
}

export const DURATION = unit('a duration such as 500ms, 30s, 15m, 12h or 30d', [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
]);

export const SIZE = unit('a size such as 512KiB, 64MiB or 1GiB', [
  ['GiB', 1_073_741_824],
  ['MiB', 1_048_576],
  ['KiB', 1_024],
  ['B', 1],
]);

const units = new WeakMap<object, Unit>();

/** A setting type that reads such a quantity, in [min, max], as a number of the smallest unit. */
export function quantity(of: Unit, byDefault: string, min: string, max: string): z.ZodType<number> {
  const [from, to] = [parse(of, min), parse(of, max)];
  if (from === undefined || to === undefined || parse(of, byDefault) === undefined)
    throw new Error(`${byDefault}, ${min} and ${max} must each be ${of.example}`);
  const error = `${of.example}, from ${min} to ${max}`;
  const schema = z
    .string()
    .default(byDefault)
    .transform((written, context) => {
      const value = parse(of, written);
      if (value !== undefined && value >= from && value <= to) return value;
      context.addIssue({ code: 'custom', message: error });
      return z.NEVER;
    }) as unknown as z.ZodType<number>;
  units.set(schema, of);
  return schema;
}

export function unitOf(schema: object): Unit | undefined {
  return units.get(schema);
}

function parse(of: Unit, written: string): number | undefined {
  const [, digits, name] = /^(\d{1,15}) ?([A-Za-z]+)$/.exec(written.trim()) ?? [];
  const factor = of.factors.find(([known]) => known === name)?.[1];
  return factor === undefined ? undefined : Number(digits) * factor;
}

function unit(example: string, factors: Unit['factors']): Unit {
  return {
    example,
    factors,
    write: (value) => {
      const [name, factor] = factors.find(([, size]) => value >= size && value % size === 0) ?? factors.at(-1)!;
      return `${value / factor}${name}`;
    },
  };
}
