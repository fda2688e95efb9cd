import type { PanelRow } from '@deskwire/client';
import { useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import { usePanel } from '@deskwire/client/react';
import { Badge, type Column, DataTable, durationText, Empty, Time, type Tone } from '../ui/index.js';
import { STATE_TONES } from '../feeds/feed-words.js';
import { hrefOf } from '../href-of.js';
import { WebhookState } from '../webhooks/webhook-state.js';
import { DeskPanel, type DeskPanelBody, HeadFigure } from './desk-panel.js';
import { useDeskRows } from './desk-rows.js';

const HEIGHT = 290;
const TICK_MS = 15_000;
/** A session that ends within this time is marked, whatever its state says. */
const ENDING_MS = 30 * 60_000;

type SessionRow = PanelRow<'sessions'>;

const SESSION_TONE: Record<string, Tone> = { active: 'good', expiring: 'warn', expired: 'bad', closed: 'plain' };

export function SessionsDeskPanel({ live, ...rest }: DeskPanelBody) {
  const panel = useDeskRows(live, 'sessions');
  return (
    <DeskPanel title="Broker sessions" count={panel?.total} {...rest}>
      <DataTable
        label="Broker sessions"
        columns={SESSION_COLUMNS}
        rows={panel?.list ?? []}
        rowKey={({ id }) => id}
        busy={panel === undefined}
        height={HEIGHT}
        tone={sessionTone}
        empty={
          <Empty
            title="No broker session."
            next="A session appears when the login to a broker is saved over the API."
          />
        }
      />
    </DeskPanel>
  );
}

const SESSION_COLUMNS: readonly Column<SessionRow>[] = [
  { key: 'broker', title: 'Broker', cell: ({ broker }) => broker },
  { key: 'account', title: 'Account', width: 100, cell: ({ account }) => account },
  {
    key: 'state',
    title: 'State',
    width: 84,
    cell: ({ state }) => <Badge tone={SESSION_TONE[state] ?? 'plain'}>{state}</Badge>,
  },
  {
    key: 'left',
    title: 'Ends in',
    width: 110,
    align: 'end',
    cell: ({ state, expiresAt }) => <TimeLeft state={state} expiresAt={expiresAt} />,
  },
];

function sessionTone({ state, expiresAt }: SessionRow): 'bad' | 'warn' | undefined {
  if (state === 'expired') return 'bad';
  const ending = state === 'expiring' || (state === 'active' && Date.parse(expiresAt) - Date.now() < ENDING_MS);
  return ending ? 'warn' : undefined;
}

function TimeLeft({ state, expiresAt }: Pick<SessionRow, 'state' | 'expiresAt'>) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  const left = Date.parse(expiresAt) - now;
  if (left <= 0 || state === 'expired' || state === 'closed') return <Time value={expiresAt} show="clock" />;
  return <span title={expiresAt}>{durationText(left)}</span>;
}

type FeedRow = PanelRow<'feeds'>;

const FEED_COLUMNS: readonly Column<FeedRow>[] = [
  { key: 'name', title: 'Feed', cell: ({ name }) => <span title={name}>{name}</span> },
  {
    key: 'state',
    title: 'State',
    width: 76,
    cell: ({ state, enabled }) => (enabled ? <Badge tone={STATE_TONES[state]}>{state}</Badge> : <Badge>paused</Badge>),
  },
  {
    key: 'outcome',
    title: 'Last outcome',
    width: 130,
    wide: true,
    cell: ({ lastError, lastOutcome }) => <span title={lastError ?? ''}>{lastError ?? lastOutcome ?? '–'}</span>,
  },
  {
    key: 'item',
    title: 'Last news',
    width: 84,
    align: 'end',
    cell: ({ lastItemAt }) => <Time value={lastItemAt} show="clock" />,
  },
];

export function FeedsDeskPanel({ live, ...rest }: DeskPanelBody) {
  const panel = useDeskRows(live, 'feeds');
  const [, navigate] = useLocation();
  return (
    <DeskPanel title="Feeds" href="/feeds" count={panel?.total} {...rest}>
      <DataTable
        label="Feeds"
        columns={FEED_COLUMNS}
        rows={panel?.list ?? []}
        rowKey={({ id }) => id}
        busy={panel === undefined}
        height={HEIGHT}
        tone={({ state, enabled }) =>
          !enabled ? undefined : state === 'failing' ? 'bad' : state === 'stale' ? 'warn' : undefined
        }
        onRow={({ id }) => navigate(hrefOf('feeds', id))}
        empty={<Empty title="No feed yet." next="An operator adds feeds on the page Feeds." />}
      />
    </DeskPanel>
  );
}

type WebhookRow = PanelRow<'webhooks'>;

const WEBHOOK_COLUMNS: readonly Column<WebhookRow>[] = [
  { key: 'name', title: 'Webhook', cell: ({ description, host }) => <span title={host}>{description || host}</span> },
  {
    key: 'state',
    title: 'State',
    width: 86,
    cell: (webhook) => (
      <span title={webhook.stateReason ?? ''}>
        <WebhookState webhook={webhook} />
      </span>
    ),
  },
  {
    key: 'circuit',
    title: 'Circuit',
    width: 76,
    wide: true,
    cell: ({ circuit }) => <Badge tone={circuit === 'open' ? 'bad' : 'plain'}>{circuit}</Badge>,
  },
  { key: 'waiting', title: 'Waiting', width: 68, align: 'end', cell: ({ waiting }) => waiting },
  { key: 'held', title: 'Held', width: 56, wide: true, align: 'end', cell: ({ held }) => held },
  {
    key: 'dead',
    title: 'Dead',
    width: 56,
    align: 'end',
    cell: ({ dead }) => (dead > 0 ? <Badge tone="bad">{dead}</Badge> : 0),
  },
];

export function WebhooksDeskPanel({ live, ...rest }: DeskPanelBody) {
  const panel = useDeskRows(live, 'webhooks');
  const [, navigate] = useLocation();
  return (
    <DeskPanel title="Webhooks" href="/webhooks" count={panel?.total} {...rest}>
      <DataTable
        label="Webhooks"
        columns={WEBHOOK_COLUMNS}
        rows={panel?.list ?? []}
        rowKey={({ endpointId }) => endpointId}
        busy={panel === undefined}
        height={HEIGHT}
        tone={({ state, stateReason }) =>
          stateReason === 'paused'
            ? undefined
            : state === 'disabled'
              ? 'bad'
              : state === 'degraded'
                ? 'warn'
                : undefined
        }
        onRow={({ endpointId }) => navigate(hrefOf('webhooks', endpointId))}
        empty={<Empty title="No webhook yet." next="Add one on the page Webhooks, and choose it in a rule." />}
      />
    </DeskPanel>
  );
}

export function InstrumentsDeskPanel({ live, ...rest }: DeskPanelBody) {
  const view = usePanel(live, 'instruments');
  return (
    <DeskPanel title="Instrument masters" href="/instruments" {...rest}>
      {view && (
        <dl className="figures">
          <HeadFigure name="Listed contracts">{view.listed.toLocaleString('en')}</HeadFigure>
          {view.latestImport && (
            <>
              <HeadFigure name={`Latest master, ${view.latestImport.broker}`}>
                <Time value={view.latestImport.createdAt} />
              </HeadFigure>
              <HeadFigure name="New, changed, delisted">
                {view.latestImport.inserted} · {view.latestImport.updated} · {view.latestImport.delisted}
              </HeadFigure>
              <HeadFigure name="Quarantined" tone={view.latestImport.quarantined > 0 ? 'warn' : undefined}>
                {view.latestImport.quarantined}
              </HeadFigure>
            </>
          )}
        </dl>
      )}
      {view?.latestImport === null && (
        <Empty title="No instrument master yet." next="An operator imports one on the page Instruments." />
      )}
    </DeskPanel>
  );
}
