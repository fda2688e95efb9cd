import {
  Checkbox,
  CsvLink,
  DataTable,
  DecimalText,
  Empty,
  Field,
  Money,
  type Column,
  Select,
  TextInput,
  Time,
  useUrlState,
} from '../ui/index.js';
import { amountColumns } from '../parts/amount-columns.js';
import { useKept } from '../parts/use-kept.js';
import type { PanelRow } from '@deskwire/client';
import { useLive, usePanel } from '@deskwire/client/react';
import { useMemo } from 'react';
import { Flags } from './flags.js';
import { useNarrow } from '../ui/narrow.js';
import { fitsPosition } from './position-filter.js';
import { useRowWindow, WindowPager } from './row-window.js';

type Position = PanelRow<'positions'>;

const SORTS = [
  { value: 'id', label: 'by portfolio and key' },
  { value: '-value', label: 'largest value first' },
  { value: 'value', label: 'smallest value first' },
  { value: '-dayPnl', label: 'best day first' },
  { value: 'dayPnl', label: 'worst day first' },
] as const;

interface PositionsProps {
  /** Absent: positions of all portfolios. */
  portfolioId?: string;
  onPortfolio?: (portfolioId: string) => void;
}

/** Positions live, as many as a window holds. The filter looks at the rows of the window. */
export function PositionsTable({ portfolioId, onPortfolio }: PositionsProps) {
  const [sortText, setSort] = useUrlState('order', 'id');
  const sort = SORTS.find(({ value }) => value === sortText)?.value ?? 'id';
  const [text, setText] = useUrlState('find', '');
  const [flagged, setFlagged] = useUrlState('flagged', '');
  const window = useRowWindow('from');
  const filtered = text !== '' || flagged !== '';
  const bounds = filtered ? window.whole : window.bounds;
  const wanted = { ...(portfolioId !== undefined && { portfolioId }), sort, ...bounds };
  const panel = useKept(usePanel(useLive({ positions: wanted }), 'positions'));
  const all = useMemo(() => panel?.order.map((id) => panel.rows[id]!) ?? [], [panel]);
  const rows = useMemo(() => all.filter((row) => fitsPosition(row, text, flagged !== '')), [all, text, flagged]);
  const narrow = useNarrow();
  const columns = useMemo(() => columnsOf(portfolioId === undefined, narrow), [portfolioId, narrow]);
  return (
    <section aria-label="Positions" className="positions">
      <div className="filters" role="search" aria-label="Filter positions">
        <Field label="Find">
          <TextInput value={text} onChange={setText} placeholder="symbol, name or key" />
        </Field>
        <Field label="Order">
          <Select value={sort} onChange={setSort} options={SORTS} />
        </Field>
        <Checkbox label="Only with flags" checked={flagged !== ''} onChange={(on) => setFlagged(on ? 'true' : '')} />
        <CsvLink
          name={`positions${portfolioId ? `-${portfolioId}` : ''}`}
          path="/v1/positions"
          query={portfolioId === undefined ? {} : { portfolioId }}
        />
      </div>
      <DataTable<Position>
        label="Positions"
        columns={columns}
        rows={rows}
        rowKey={(row) => row.id}
        {...(onPortfolio && { onRow: (row) => onPortfolio(row.portfolioId) })}
        onEnd={() => window.more(panel?.total ?? 0)}
        sort={{ value: sort, onChange: setSort }}
        busy={panel === undefined}
        empty={
          filtered ? (
            <Empty title="No position fits the filter" next="Clear the text or the flag to see the others." />
          ) : (
            <Empty title="No position" next="A snapshot of the portfolio with positions fills this list." />
          )
        }
      />
      <WindowPager window={window} total={panel?.total ?? 0} shown={all.length} noun="positions" />
      {filtered && <p className="note">The CSV has all positions, also those that this filter hides.</p>}
      {panel !== undefined && panel.hidden > 0 && (
        <p className="note">
          {panel.hidden} contracts are not shown, because their owner holds more than the desk keeps in memory.
        </p>
      )}
    </section>
  );
}

const columnsOf = (withPortfolio: boolean, narrow: boolean): readonly Column<Position>[] => [
  {
    key: 'contract',
    title: 'Contract',
    ...(!narrow && { width: 240 }),
    cell: (row) => (
      <span title={row.name ?? row.key}>
        <b>{row.tradingsymbol ?? row.key}</b>{' '}
        <small>{row.name ?? (row.tradingsymbol === null ? 'not in a master' : '')}</small>
      </span>
    ),
  },
  ...amountColumns<Position>(),
  { key: 'currency', title: 'Currency', width: 84, wide: true, cell: (row) => row.currency },
  {
    key: 'quantity',
    title: 'Quantity',
    align: 'end',
    width: 80,
    wide: true,
    cell: (row) => <DecimalText value={row.quantity} />,
  },
  {
    key: 'price',
    title: 'Price',
    align: 'end',
    width: 90,
    wide: true,
    mark: (row) => row.price,
    cell: (row) => <DecimalText value={row.price} />,
  },
  {
    key: 'average',
    title: 'Average',
    align: 'end',
    width: 90,
    wide: true,
    cell: (row) => <DecimalText value={row.averagePrice} />,
  },
  {
    key: 'unrealised',
    title: 'Unrealised',
    align: 'end',
    width: 105,
    wide: true,
    cell: (row) => <Money value={row.unrealised} meaning="gain" />,
  },
  { key: 'flags', title: 'Flags', width: 120, wide: true, cell: (row) => <Flags reasons={row.flags} /> },
  ...(withPortfolio
    ? [
        {
          key: 'portfolio',
          title: 'Portfolio',
          width: 150,
          wide: true,
          cell: ({ portfolioId }: Position) => portfolioId,
        },
      ]
    : []),
  { key: 'leg', title: 'Leg', width: 50, wide: true, cell: (row) => row.leg },
  { key: 'pricedAt', title: 'Priced', width: 234, wide: true, cell: (row) => <Time value={row.pricedAt} /> },
];
