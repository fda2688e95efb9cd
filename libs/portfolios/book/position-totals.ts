import { z } from 'zod';
import { publishSchemas } from '#schemas';
import { Decimal, decimalText } from '#decimal';
import { Amount } from '../valuation/amount.js';
import { currencyUnit } from '../valuation/currencies.js';

const FIGURES = ['value', 'unrealised', 'dayPnl'] as const;
type Figure = (typeof FIGURES)[number];

const figure = decimalText.nullable();
export const positionTotal = z.object({
  currency: z.string().describe('A major currency: GBP also for positions in GBX'),
  positions: z.int().describe('Number of positions'),
  value: figure,
  unrealised: figure,
  dayPnl: figure,
  known: z
    .object({ value: decimalText, unrealised: decimalText, dayPnl: decimalText })
    .describe('Sums of what is known: equal to the figures, unless those are null'),
});

/** A position as its row shows it. */
type Counted = Readonly<Record<Figure, string | null>> & { readonly currency: string };

interface Sum {
  positions: number;
  known: Record<Figure, Decimal>;
  unknown: Record<Figure, number>;
}

/** Sums of positions by major currency. Immutable and exact: a change takes the old row out and adds the new one. */
export class PositionTotals {
  static readonly EMPTY = new PositionTotals(new Map());
  private list: z.output<typeof positionTotal>[] | undefined;

  private constructor(private readonly sums: ReadonlyMap<string, Readonly<Sum>>) {}

  moved(removed: readonly Counted[], added: readonly Counted[]): PositionTotals {
    if (removed.length === 0 && added.length === 0) return this;
    const sums = new Map([...this.sums].map(([currency, sum]) => [currency, copyOf(sum)]));
    for (const row of removed) move(sums, row, -1);
    for (const row of added) move(sums, row, 1);
    return new PositionTotals(sums);
  }

  /** Sorted by currency. */
  get shown(): z.output<typeof positionTotal>[] {
    return (this.list ??= [...this.sums]
      .filter(([, { positions }]) => positions > 0)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([currency, sum]) => shownSum(currency, sum)));
  }
}

function move(sums: Map<string, Sum>, row: Counted, by: 1 | -1): void {
  const { major, factor } = currencyUnit(row.currency);
  let sum = sums.get(major);
  if (sum === undefined) sums.set(major, (sum = nothing()));
  sum.positions += by;
  for (const name of FIGURES) {
    const text = row[name];
    if (text === null) {
      sum.unknown[name] += by;
      continue;
    }
    const amount = major === row.currency ? Decimal.parse(text) : Decimal.parse(text).times(factor);
    sum.known[name] = by === 1 ? sum.known[name].plus(amount) : sum.known[name].minus(amount);
  }
}

function copyOf({ positions, known, unknown }: Readonly<Sum>): Sum {
  return { positions, known: { ...known }, unknown: { ...unknown } };
}

function nothing(): Sum {
  const [none, zero] = [Decimal.ZERO, 0];
  return {
    positions: 0,
    known: { value: none, unrealised: none, dayPnl: none },
    unknown: { value: zero, unrealised: zero, dayPnl: zero },
  };
}

function shownSum(currency: string, { positions, known, unknown }: Sum): z.output<typeof positionTotal> {
  const shown = (name: Figure) => Amount.of(known[name]).shown();
  const figureOf = (name: Figure) => (unknown[name] > 0 ? null : shown(name));
  return {
    ...{
      currency,
      positions,
      value: figureOf('value'),
      unrealised: figureOf('unrealised'),
      dayPnl: figureOf('dayPnl'),
    },
    known: { value: shown('value'), unrealised: shown('unrealised'), dayPnl: shown('dayPnl') },
  };
}

publishSchemas({ PositionsTotal: positionTotal });
