import {
  Badge,
  Button,
  detailOf,
  Empty,
  Money,
  Page,
  TextInput,
  Time,
  useAct,
  useCan,
  useConfirm,
  useUrlState,
} from '../ui/index.js';
import { useDesk, useLive, usePanel } from '@deskwire/client/react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { BrokerComparison } from './broker-comparison.js';
import { Flags } from './flags.js';
import { HistoryChart } from './history-chart.js';
import { ImportDialog } from './import-dialog.js';
import { PositionsTable } from './positions-table.js';
import { TotalTiles } from './total-tiles.js';

interface DetailProps {
  portfolioId: string;
  onClose: () => void;
}

/** One portfolio: its figures, its value over time and its positions, live. */
export function PortfolioDetail({ portfolioId, onClose }: DetailProps) {
  const desk = useDesk();
  const confirm = useConfirm();
  const [base, setBase] = useUrlState('base', '');
  const [open, setOpen] = useState<'import' | 'compare'>();
  const mayTrade = useCan('trader');
  // A new snapshot or price changes the totals of its positions, and so this key: the summary is read again when it moves.
  const live = useLive({ positions: { portfolioId, limit: 1 } });
  const moved = usePanel(live, 'positions', (panel) => JSON.stringify(panel.totals));
  const wanted = /^[A-Z]{3,12}$/.test(base) ? base : undefined;
  const found = useQuery({
    queryKey: ['/v1/portfolios/{id}', portfolioId, wanted, moved],
    queryFn: () =>
      desk.get('/v1/portfolios/{id}', {
        params: { id: portfolioId },
        query: wanted === undefined ? {} : { base: wanted },
      }),
    placeholderData: (before) => before,
  });
  const close = useAct(
    (closed: boolean) => desk.put('/v1/portfolios/{id}/closed', { params: { id: portfolioId }, body: { closed } }),
    { done: 'The portfolio is changed.' },
  );
  const remove = useAct(() => desk.delete('/v1/portfolios/{id}', { params: { id: portfolioId } }), {
    done: `${portfolioId} is deleted.`,
    then: onClose,
  });
  const portfolio = found.data;
  const closed = portfolio?.closedAt !== undefined;

  const askToClose = async () => {
    const text = 'A closed portfolio is in no total and takes no snapshot. Its history stays, and you can reopen it.';
    if (closed || (await confirm({ title: `Close ${portfolioId}?`, body: text, act: 'Close it' })))
      close.mutate(!closed);
  };
  const askToRemove = async () => {
    const text = `This deletes ${portfolioId} with its whole history. It cannot be undone.`;
    if (await confirm({ title: `Delete ${portfolioId}?`, body: text, act: 'Delete it' })) remove.mutate();
  };

  return (
    <Page
      title={portfolioId}
      actions={
        <>
          <Button onClick={onClose}>All portfolios</Button>
          {mayTrade && portfolio && (
            <>
              {!closed && <Button onClick={() => setOpen('import')}>Import</Button>}
              <Button onClick={() => setOpen('compare')}>Compare with the broker</Button>
              <Button onClick={() => void askToClose()}>{closed ? 'Reopen' : 'Close'}</Button>
              <Button tone="bad" onClick={() => void askToRemove()}>
                Delete
              </Button>
            </>
          )}
        </>
      }
    >
      {found.error && !portfolio && (
        <Empty
          title="This portfolio cannot be shown"
          next={`${detailOf(found.error)} Choose another one from the list.`}
        />
      )}
      {portfolio && (
        <>
          <div className="headline">
            <Headline
              label="Value"
              value={portfolio.value}
              known={portfolio.known.value}
              currency={portfolio.currency}
            />
            <Headline
              label="Day P&L"
              value={portfolio.dayPnl}
              known={portfolio.known.dayPnl}
              currency={portfolio.currency}
              gain
            />
            <Headline label="Cash" value={portfolio.cash} currency={portfolio.currency} />
            {portfolio.dayFees !== undefined && (
              <Headline label="Fees of the day" value={portfolio.dayFees} currency={portfolio.currency} />
            )}
          </div>
          <p className="aside">
            <span>
              {portfolio.broker}, account {portfolio.account}
            </span>
            <span>
              snapshot <Time value={portfolio.asOf} />
            </span>
            {portfolio.markedAt !== null && (
              <span>
                newest price <Time value={portfolio.markedAt} />
              </span>
            )}
            <span>session day {portfolio.sessionDays.join(', ')}</span>
            {closed && <Badge tone="plain">closed</Badge>}
            {portfolio.staleSnapshot && <Badge tone="warn">old snapshot</Badge>}
            <Flags reasons={portfolio.incomplete.map(({ reason }) => reason)} />
            <label className="base-choice">
              all in
              <TextInput value={base} onChange={(text) => setBase(text.toUpperCase())} placeholder="such as USD" />
            </label>
          </p>
          {(portfolio.byCurrency.length > 1 || wanted !== undefined) && (
            <TotalTiles totals={portfolio.byCurrency} base={portfolio.base} />
          )}
          <HistoryChart portfolioId={portfolioId} currency={portfolio.currency} />
          <PositionsTable portfolioId={portfolioId} />
        </>
      )}
      {open === 'import' && portfolio && (
        <ImportDialog portfolio={portfolio} onClose={() => setOpen(undefined)} onStored={() => setOpen(undefined)} />
      )}
      {open === 'compare' && <BrokerComparison portfolioId={portfolioId} onClose={() => setOpen(undefined)} />}
    </Page>
  );
}

interface HeadlineProps {
  label: string;
  value: string | null;
  known?: string;
  currency: string;
  gain?: boolean;
}

function Headline({ label, value, known, currency, gain = false }: HeadlineProps) {
  const partial = value === null && known !== undefined;
  return (
    <div>
      <span>{partial ? `${label}, known part` : label}</span>
      <strong>
        <Money value={partial ? known : value} currency={currency} {...(gain && { meaning: 'gain' })} />
      </strong>
    </div>
  );
}
