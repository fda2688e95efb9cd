import {
  Badge,
  Button,
  type Column,
  CsvLink,
  DataTable,
  Empty,
  Field,
  Money,
  Select,
  TextInput,
  Time,
  useList,
  useSort,
  useUrlState,
} from '../ui/index.js';
import { amountColumns } from '../parts/amount-columns.js';
import { useKept } from '../parts/use-kept.js';
import { useLive, usePanel } from '@deskwire/client/react';
import { type ReactNode, useMemo } from 'react';
import type { ItemOf, QueryOf } from '@deskwire/client';
import { Flags } from './flags.js';
import { TotalTiles } from './total-tiles.js';
import { useRowWindow, WindowPager } from './row-window.js';

type Portfolio = ItemOf<'/v1/portfolios'>;
/** A row of the panel or of the list of closed portfolios. */
type PortfolioRow = Pick<
  Portfolio,
  'portfolioId' | 'broker' | 'currency' | 'cash' | 'value' | 'dayPnl' | 'positions' | 'asOf'
> &
  Partial<Pick<Portfolio, 'incomplete' | 'incompleteCount' | 'staleSnapshot' | 'closedAt'>>;

const SORTS = [
  { value: 'portfolioId', label: 'by name' },
  { value: '-value', label: 'largest value first' },
  { value: 'value', label: 'smallest value first' },
  { value: '-dayPnl', label: 'best day first' },
  { value: 'dayPnl', label: 'worst day first' },
] as const;
type Sort = (typeof SORTS)[number]['value'];

interface ListProps {
  onOpen: (portfolioId: string) => void;
  /** Absent for those who may not import. */
  onImport: (() => void) | undefined;
}

/** Open portfolios live with their totals, or closed ones. */
export function PortfolioList({ onOpen, onImport }: ListProps) {
  const [broker, setBroker] = useUrlState('broker', '');
  const [currency, setCurrency] = useUrlState('currency', '');
  const [sortText, setSort] = useUrlState('sort', 'portfolioId');
  const [state, setState] = useUrlState('state', 'open');
  const sort = SORTS.find(({ value }) => value === sortText)?.value ?? 'portfolioId';
  const closed = state === 'closed';
  const filters = (
    <div className="filters" role="search" aria-label="Filter portfolios">
      <Field label="Broker">
        <TextInput value={broker} onChange={setBroker} placeholder="any" />
      </Field>
      <Field label="Currency">
        <TextInput value={currency} onChange={(text) => setCurrency(text.toUpperCase())} placeholder="any" />
      </Field>
      {!closed && (
        <Field label="Order">
          <Select value={sort} onChange={setSort} options={SORTS} />
        </Field>
      )}
      <Field label="State">
        <Select value={state} onChange={setState} options={['open', 'closed']} />
      </Field>
      <CsvLink name="portfolios" path="/v1/portfolios" query={filtersOf(broker, currency, closed)} />
    </div>
  );
  const part = { broker, currency, sort, setSort, filters, onOpen, onImport };
  return closed ? <ClosedPortfolios {...part} /> : <OpenPortfolios {...part} />;
}

interface PartProps extends ListProps {
  broker: string;
  currency: string;
  sort: Sort;
  setSort: (sort: string) => void;
  filters: ReactNode;
}

function OpenPortfolios({ broker, currency, sort, setSort, filters, onOpen, onImport }: PartProps) {
  const window = useRowWindow('offset');
  const wanted = { ...(broker !== '' && { broker }), ...(currency !== '' && { currency }), sort, ...window.bounds };
  const panel = useKept(usePanel(useLive({ portfolios: wanted }), 'portfolios'));
  const rows = useMemo(() => panel?.order.map((id) => panel.rows[id]!) ?? [], [panel]);
  const filtered = broker !== '' || currency !== '';
  return (
    <>
      {panel && rows.length > 0 && <TotalTiles totals={panel.totals} base={panel.base} />}
      {filters}
      <DataTable<PortfolioRow>
        label="Portfolios"
        columns={COLUMNS}
        rows={rows}
        rowKey={keyOf}
        onRow={(row) => onOpen(row.portfolioId)}
        onEnd={() => window.more(panel?.total ?? 0)}
        sort={{ value: sort, onChange: setSort }}
        busy={panel === undefined}
        empty={filtered ? NO_FIT : <NoPortfolio onImport={onImport} />}
      />
      <WindowPager window={window} total={panel?.total ?? 0} shown={rows.length} noun="portfolios" />
    </>
  );
}

function ClosedPortfolios({ broker, currency, filters, onOpen }: PartProps) {
  const sort = useSort(CLOSED_COLUMNS, 'portfolioId');
  const wanted = { ...filtersOf(broker, currency, true), sort: sort.value };
  const list = useList('/v1/portfolios', wanted as QueryOf<'/v1/portfolios'>);
  return (
    <>
      {filters}
      <DataTable<PortfolioRow>
        {...list}
        label="Closed portfolios"
        columns={CLOSED_COLUMNS}
        rowKey={keyOf}
        onRow={(row) => onOpen(row.portfolioId)}
        sort={sort}
        empty={
          broker !== '' || currency !== '' ? (
            NO_FIT
          ) : (
            <Empty
              title="No closed portfolio"
              next="Close a portfolio on its page to keep its history out of the totals."
            />
          )
        }
      />
    </>
  );
}

/** The query of the list of portfolios. */
function filtersOf(broker: string, currency: string, closed: boolean): Record<string, string | string[]> {
  return {
    ...(broker !== '' && { broker: [broker] }),
    ...(currency !== '' && { currency: [currency] }),
    ...(closed && { closed: 'true' }),
  };
}

const NO_FIT = (
  <Empty title="No portfolio fits the filter" next="Clear the broker or the currency to see the others." />
);

function NoPortfolio({ onImport }: { onImport: (() => void) | undefined }) {
  const next = onImport ? (
    <>
      <Button tone="accent" onClick={onImport}>
        Import from a broker
      </Button>{' '}
      or send a snapshot to <code>PUT /v1/portfolios/:id/snapshot</code>.
    </>
  ) : (
    'A trader or an operator sends snapshots of accounts. Ask one of them for yours.'
  );
  return <Empty title="No portfolio yet" next={next} />;
}

const keyOf = (row: PortfolioRow) => row.portfolioId;

const COLUMNS: readonly Column<PortfolioRow>[] = [
  {
    key: 'portfolio',
    title: 'Portfolio',
    cell: (row) => (
      <span title={row.portfolioId}>
        <b>{row.portfolioId}</b> <small className="only-narrow">{row.currency}</small>
      </span>
    ),
  },
  ...amountColumns<PortfolioRow>(),
  { key: 'currency', title: 'Currency', width: 84, wide: true, cell: (row) => row.currency },
  { key: 'cash', title: 'Cash', align: 'end', width: 120, wide: true, cell: (row) => <Money value={row.cash} /> },
  { key: 'positions', title: 'Positions', align: 'end', width: 80, wide: true, cell: (row) => row.positions },
  { key: 'broker', title: 'Broker', width: 105, wide: true, cell: (row) => row.broker },
  {
    key: 'flags',
    title: 'Flags',
    width: 120,
    wide: true,
    cell: (row) => (
      <>
        {row.closedAt && <Badge>closed</Badge>}
        {row.staleSnapshot && <Badge tone="warn">old snapshot</Badge>}
        <Flags reasons={row.incomplete?.map(({ reason }) => reason) ?? []} />
      </>
    ),
  },
  { key: 'asOf', title: 'Snapshot', width: 246, wide: true, cell: (row) => <Time value={row.asOf} /> },
];

/** What a closed portfolio is sorted by: what is stored. The server sorts by value and day P&L in the live list. */
const CLOSED_SORTS: Readonly<Record<string, string>> = {
  portfolio: 'portfolioId',
  positions: 'positions',
  broker: 'broker',
  asOf: 'asOf',
};
const CLOSED_COLUMNS: readonly Column<PortfolioRow>[] = COLUMNS.map(({ sort: _live, ...column }) => {
  const sort = CLOSED_SORTS[column.key];
  return sort === undefined ? column : { ...column, sort };
});
