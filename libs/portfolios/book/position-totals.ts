import { z } from 'zod';
import { publishSchemas } from '#schemas';
import { Decimal, DecimalSum, decimalText } from '#decimal';
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

interface Sum<Known = Decimal> {
  positions: number;
  known: Record<Figure, Known>;
  unknown: Record<Figure, number>;
}

/** Sums of positions by major currency. Immutable and exact: a change takes the old row out and adds the new one. */
export class PositionTotals {
  static readonly EMPTY = new PositionTotals(new Map());
  private list: z.output<typeof positionTotal>[] | undefined;

  private constructor(private readonly sums: ReadonlyMap<string, Readonly<Sum>>) {}

  moved(removed: readonly Counted[], added: readonly Counted[]): PositionTotals {
    if (removed.length === 0 && added.length === 0) return this;
    const moves = new Map<string, Sum<DecimalSum>>();
    for (const row of removed) move(moves, row, -1);
    for (const row of added) move(moves, row, 1);
    const sums = new Map(this.sums);
    for (const [currency, by] of moves) sums.set(currency, sumOf(sums.get(currency), by));
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

function move(moves: Map<string, Sum<DecimalSum>>, row: Counted, by: 1 | -1): void {
  const { major, factor } = currencyUnit(row.currency);
  let sum = moves.get(major);
  if (sum === undefined) moves.set(major, (sum = nothing()));
  sum.positions += by;
  for (const name of FIGURES) {
    const text = row[name];
    if (text === null) sum.unknown[name] += by;
    else if (major === row.currency) sum.known[name].addText(text, by);
    else sum.known[name].addText(String(Decimal.parse(text).times(factor)), by);
  }
}

function nothing(): Sum<DecimalSum> {
  return {
    positions: 0,
    known: { value: new DecimalSum(), unrealised: new DecimalSum(), dayPnl: new DecimalSum() },
    unknown: { value: 0, unrealised: 0, dayPnl: 0 },
  };
}

function sumOf(before: Readonly<Sum> | undefined, by: Sum<DecimalSum>): Sum {
  const known = (name: Figure) => by.known[name].total().plus(before?.known[name] ?? Decimal.ZERO);
  const unknown = (name: Figure) => by.unknown[name] + (before?.unknown[name] ?? 0);
  return {
    positions: by.positions + (before?.positions ?? 0),
    known: { value: known('value'), unrealised: known('unrealised'), dayPnl: known('dayPnl') },
    unknown: { value: unknown('value'), unrealised: unknown('unrealised'), dayPnl: unknown('dayPnl') },
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
