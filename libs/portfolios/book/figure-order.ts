import { Decimal } from '#decimal';

/** Orders by a figure: ascending, or descending with a minus. */
export const SORT_FIGURES = ['value', '-value', 'dayPnl', '-dayPnl'] as const;
export type FigureOrder = (typeof SORT_FIGURES)[number];

interface WithFigures {
  value: string | null;
  dayPnl: string | null;
}

/** Sorts rows by a figure, exactly. Equal ones keep their order; unknown ones come last in both directions. */
export function sortedBy<Row extends WithFigures>(rows: readonly Row[], order: FigureOrder): Row[] {
  const descending = order.startsWith('-');
  const figure = order.replace('-', '') as keyof WithFigures;
  const read = rows.map((row) => ({ row, at: row[figure] === null ? undefined : Decimal.parse(row[figure]) }));
  read.sort((one, other) => {
    if (one.at === undefined || other.at === undefined)
      return Number(one.at === undefined) - Number(other.at === undefined);
    return descending ? other.at.compare(one.at) : one.at.compare(other.at);
  });
  return read.map(({ row }) => row);
}
