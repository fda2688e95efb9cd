import { Badge, CsvLink, type Column, DataTable, DecimalText, Empty, Time } from '../ui/index.js';
import { addDecimals, type PanelView } from '@deskwire/client';
import { useLive, usePanel } from '@deskwire/client/react';
import { FollowButton } from './follow-button.js';
import { negated } from './price-change.js';

type Watched = PanelView<'instruments'>['watchlist'][number];

/** The contracts that the person follows, with their last prices, live. */
export function WatchlistTab({ onOpen }: { onOpen: (id: string) => void }) {
  const live = useLive({ instruments: {} });
  const rows = usePanel(live, 'instruments', (panel) => panel.watchlist);
  return (
    <>
      <div className="filters">
        <CsvLink name="watch-list" path="/v1/watchlist" query={{}} />
      </div>
      <DataTable<Watched>
        label="Watch list"
        columns={COLUMNS}
        rows={rows ?? []}
        rowKey={(row) => row.instrumentId}
        onRow={(row) => onOpen(row.instrumentId)}
        busy={rows === undefined}
        empty={
          <Empty
            title="You follow no contract"
            next="Search a contract and choose Follow. You then see its price here, and get an event when its lot, strike or symbol changes."
          />
        }
      />
    </>
  );
}

const COLUMNS: readonly Column<Watched>[] = [
  {
    key: 'contract',
    title: 'Contract',
    cell: (row) => (
      <span title={row.name}>
        <b>{row.tradingsymbol}</b> <small>{row.name}</small>
      </span>
    ),
  },
  { key: 'price', title: 'Last price', align: 'end', width: 120, cell: (row) => <DecimalText value={row.lastPrice} /> },
  {
    key: 'change',
    title: 'Change today',
    align: 'end',
    width: 120,
    cell: (row) =>
      row.lastPrice === null || row.previousClose === null ? null : (
        <DecimalText value={addDecimals(row.lastPrice, negated(row.previousClose))} meaning="gain" />
      ),
  },
  { key: 'exchange', wide: true, title: 'Exchange', width: 100, cell: (row) => row.exchange },
  { key: 'broker', wide: true, title: 'Broker', width: 120, cell: (row) => row.broker },
  {
    key: 'state',
    wide: true,
    title: 'State',
    width: 100,
    cell: (row) => row.delistedAt !== null && <Badge tone="warn">delisted</Badge>,
  },
  {
    key: 'priced',
    wide: true,
    title: 'Priced',
    width: 170,
    cell: (row) => row.pricedAt !== null && <Time value={row.pricedAt} />,
  },
  {
    key: 'follow',
    title: 'Watch',
    width: 110,
    cell: (row) => <FollowButton id={row.instrumentId} symbol={row.tradingsymbol} />,
  },
];
