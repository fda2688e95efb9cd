import type { PanelRow } from '@deskwire/client';
import { useLocation } from 'wouter';
import { Badge, type Column, DataTable, DecimalText, Empty, Money, Time } from '../ui/index.js';
import { amountColumns } from '../parts/amount-columns.js';
import { hrefOf } from '../href-of.js';
import { DeskPanel, type DeskPanelBody, HeadFigure } from './desk-panel.js';
import { useDeskRows } from './desk-rows.js';

type PortfolioRow = PanelRow<'portfolios'>;

const HEIGHT = 330;

const PORTFOLIO_COLUMNS: readonly Column<PortfolioRow>[] = [
  { key: 'id', title: 'Portfolio', cell: ({ portfolioId }) => <span title={portfolioId}>{portfolioId}</span> },
  { key: 'broker', title: 'Broker', width: 120, wide: true, cell: ({ broker }) => broker },
  { key: 'account', title: 'Account', width: 100, wide: true, cell: ({ account }) => account },
  {
    key: 'flags',
    title: 'Flags',
    width: 110,
    wide: true,
    cell: ({ staleSnapshot, incompleteCount }) => (
      <>
        {staleSnapshot && <Badge tone="warn">Old snapshot</Badge>}
        {incompleteCount !== undefined && <Badge tone="warn">{incompleteCount} unknown</Badge>}
      </>
    ),
  },
  { key: 'positions', title: 'Positions', width: 80, wide: true, align: 'end', cell: ({ positions }) => positions },
  {
    key: 'cash',
    title: 'Cash',
    width: 152,
    wide: true,
    align: 'end',
    cell: ({ cash, currency }) => <Money value={cash} currency={currency} />,
  },
  ...amountColumns<PortfolioRow>({ withCurrency: true }),
];

export function PortfoliosDeskPanel({ live, ...rest }: DeskPanelBody) {
  const panel = useDeskRows(live, 'portfolios');
  const [, navigate] = useLocation();
  return (
    <DeskPanel title="Portfolios" href="/portfolios" count={panel?.total} {...rest}>
      <dl className="figures">
        {panel?.base && (
          <>
            <HeadFigure name={`All, in ${panel.base.currency}`}>
              <Money value={panel.base.value} />
            </HeadFigure>
            <HeadFigure name="Day P&L of all">
              <Money value={panel.base.dayPnl} meaning="gain" />
            </HeadFigure>
          </>
        )}
        {panel?.totals.map(({ currency, value, dayPnl }) => (
          <HeadFigure key={currency} name={`Value and day P&L, ${currency}`}>
            <Money value={value} /> <Money value={dayPnl} meaning="gain" />
          </HeadFigure>
        ))}
      </dl>
      <DataTable
        label="Portfolios"
        columns={PORTFOLIO_COLUMNS}
        rows={panel?.list ?? []}
        rowKey={({ portfolioId }) => portfolioId}
        busy={panel === undefined}
        height={HEIGHT}
        onRow={({ portfolioId }) => navigate(hrefOf('portfolios', portfolioId))}
        empty={
          <Empty
            title="No portfolio yet."
            next="Send a snapshot, or import an export of a broker on the page Portfolios."
          />
        }
      />
    </DeskPanel>
  );
}

type PositionRow = PanelRow<'positions'>;

const POSITION_COLUMNS: readonly Column<PositionRow>[] = [
  {
    key: 'symbol',
    title: 'Contract',
    cell: ({ tradingsymbol, name, key }) => <span title={name ?? key}>{tradingsymbol || name || key}</span>,
  },
  { key: 'portfolio', title: 'Portfolio', width: 160, wide: true, cell: ({ portfolioId }) => portfolioId },
  {
    key: 'quantity',
    title: 'Quantity',
    width: 100,
    wide: true,
    align: 'end',
    cell: ({ quantity }) => <DecimalText value={quantity} />,
  },
  {
    key: 'price',
    title: 'Price',
    width: 110,
    wide: true,
    align: 'end',
    mark: ({ price }) => price,
    cell: ({ price }) => <DecimalText value={price} />,
  },
  ...amountColumns<PositionRow>({ withCurrency: true }),
];

export function PositionsDeskPanel({ live, ...rest }: DeskPanelBody) {
  const panel = useDeskRows(live, 'positions');
  const [, navigate] = useLocation();
  const hidden = panel && panel.hidden > 0 ? `, ${panel.hidden} contracts in memory-limited portfolios not shown` : '';
  return (
    <DeskPanel
      title="Positions"
      href="/portfolios"
      count={panel && `${panel.list.length} of ${panel.total}, largest first${hidden}`}
      {...rest}
    >
      <DataTable
        label="Positions"
        columns={POSITION_COLUMNS}
        rows={panel?.list ?? []}
        rowKey={({ id }) => id}
        busy={panel === undefined}
        height={HEIGHT}
        onRow={({ portfolioId }) => navigate(hrefOf('portfolios', portfolioId))}
        empty={<Empty title="No position yet." next="Positions come with the snapshots of portfolios." />}
      />
    </DeskPanel>
  );
}

type QuoteRow = PanelRow<'quotes'>;

const QUOTE_COLUMNS: readonly Column<QuoteRow>[] = [
  {
    key: 'symbol',
    title: 'Contract',
    cell: ({ tradingsymbol, name, instrumentId }) => (
      <span title={name ?? instrumentId}>{tradingsymbol || name || instrumentId}</span>
    ),
  },
  { key: 'exchange', title: 'Exchange', width: 90, wide: true, cell: ({ exchange }) => exchange },
  {
    key: 'price',
    title: 'Price',
    width: 100,
    align: 'end',
    mark: ({ price }) => price,
    cell: ({ price }) => <DecimalText value={price} />,
  },
  {
    key: 'close',
    title: 'Previous close',
    width: 110,
    align: 'end',
    cell: ({ previousClose }) => <DecimalText value={previousClose} />,
  },
  {
    key: 'asOf',
    title: 'As of',
    width: 90,
    wide: true,
    align: 'end',
    cell: ({ asOf }) => <Time value={asOf} show="clock" />,
  },
];

export function QuotesDeskPanel({ live, ...rest }: DeskPanelBody) {
  const panel = useDeskRows(live, 'quotes');
  const [, navigate] = useLocation();
  return (
    <DeskPanel title="Watch list" href="/instruments" count={panel?.total} {...rest}>
      <DataTable
        label="Watch list"
        columns={QUOTE_COLUMNS}
        rows={panel?.list ?? []}
        rowKey={({ instrumentId }) => instrumentId}
        busy={panel === undefined}
        height={HEIGHT}
        onRow={({ instrumentId }) => navigate(hrefOf('instruments', instrumentId))}
        empty={
          <Empty title="You follow no instrument." next="Search for one on the page Instruments, and follow it." />
        }
      />
    </DeskPanel>
  );
}
