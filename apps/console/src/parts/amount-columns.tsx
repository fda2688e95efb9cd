import { type Column, Money } from '../ui/index.js';

interface Valued {
  value: string | null;
  dayPnl: string | null;
  currency?: string | undefined;
}

/** Value and day P&L: what a phone shows of a portfolio and of a position, too. */
export function amountColumns<Row extends Valued>({ withCurrency = false } = {}): readonly Column<Row>[] {
  return [
    {
      ...{ key: 'value', title: 'Value', align: 'end', width: withCurrency ? 152 : 118, sort: 'value' },
      mark: ({ value }) => value,
      cell: ({ value, currency }) => <Money value={value} {...(withCurrency && currency && { currency })} />,
    },
    {
      ...{ key: 'dayPnl', title: 'Day P&L', align: 'end', width: 110, sort: 'dayPnl' },
      mark: ({ dayPnl }) => dayPnl,
      cell: ({ dayPnl }) => <Money value={dayPnl} meaning="gain" />,
    },
  ];
}
