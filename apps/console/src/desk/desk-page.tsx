import { type ComponentType, useCallback, useState, useSyncExternalStore } from 'react';
import type { Live, WantedPanels } from '@deskwire/client';
import { useLive, useLiveStatus } from '@deskwire/client/react';
import { DRAWN } from '../desk-client.js';
import { Button, Empty, Page, Time } from '../ui/index.js';
import { PANEL_NAMES, type PanelName, useArrangement } from './arrangement.js';
import { PortfoliosDeskPanel, PositionsDeskPanel, QuotesDeskPanel } from './book-panels.js';
import type { DeskPanelBody } from './desk-panel.js';
import { AlertsDeskPanel, DeliveriesDeskPanel, SystemDeskPanel } from './flow-panels.js';
import { FeedsDeskPanel, InstrumentsDeskPanel, SessionsDeskPanel, WebhooksDeskPanel } from './source-panels.js';
import './desk.css';

/** Unacknowledged critical alerts come first by the order of the server. */
const PARAMETERS: WantedPanels<PanelName> = {
  alerts: { limit: 100 },
  portfolios: { limit: 500 },
  positions: { limit: 1_000, sort: '-value' },
  quotes: { watchlist: true },
  sessions: { limit: 200 },
  feeds: { limit: 200 },
  webhooks: { limit: 200 },
  deliveries: { limit: 50 },
  instruments: {},
  system: {},
};

const BODIES: Record<PanelName, [title: string, body: ComponentType<DeskPanelBody>]> = {
  alerts: ['Alerts', AlertsDeskPanel],
  portfolios: ['Portfolios', PortfoliosDeskPanel],
  positions: ['Positions', PositionsDeskPanel],
  quotes: ['Watch list', QuotesDeskPanel],
  sessions: ['Broker sessions', SessionsDeskPanel],
  feeds: ['Feeds', FeedsDeskPanel],
  webhooks: ['Webhooks', WebhooksDeskPanel],
  deliveries: ['Deliveries', DeliveriesDeskPanel],
  instruments: ['Instrument masters', InstrumentsDeskPanel],
  system: ['Events', SystemDeskPanel],
};

/** The desk, live: the chosen panels from one snapshot. Hidden panels are not asked for. */
export default function DeskPage() {
  const arrangement = useArrangement();
  const [arranging, setArranging] = useState(false);
  const shown = arrangement.panels.filter(({ hidden }) => !hidden);
  const hidden = arrangement.panels.filter((panel) => panel.hidden);
  // In a fixed order: another arrangement of the same panels keeps its watch.
  const names = PANEL_NAMES.filter((name) => shown.some((panel) => panel.name === name));
  const panels = Object.fromEntries(names.map((name) => [name, PARAMETERS[name]])) as WantedPanels<PanelName>;
  const live = useLive(panels, DRAWN);
  const status = useLiveStatus(live);
  return (
    <Page
      title="Desk"
      actions={
        <>
          <Stamp live={live} />
          <Button aria-pressed={arranging} onClick={() => setArranging(!arranging)}>
            {arranging ? 'Done' : 'Arrange'}
          </Button>
        </>
      }
    >
      {arranging && (
        <div className="desk-hidden">
          {hidden.length > 0 && 'Hidden:'}
          {hidden.map(({ name }) => (
            <Button key={name} icon="plus" onClick={() => arrangement.change(name, { hidden: false })}>
              {BODIES[name][0]}
            </Button>
          ))}
          <Button icon="refresh" onClick={arrangement.reset}>
            Restore the arrangement
          </Button>
        </div>
      )}
      {shown.length === 0 && (
        <Empty
          title="All panels are hidden."
          next={<Button onClick={() => setArranging(true)}>Arrange the panels</Button>}
        />
      )}
      <div className={status === 'live' ? undefined : 'desk-stale'}>
        <div className="desk-grid">
          {shown.map((placed) => {
            const Body = BODIES[placed.name][1];
            return (
              <Body key={placed.name} live={live} placed={placed} arrangement={arranging ? arrangement : undefined} />
            );
          })}
        </div>
      </div>
    </Page>
  );
}

/** Which cut all panels are from: a child, so that a new stamp renders nothing else. */
function Stamp({ live }: { live: Live }) {
  const subscribe = useCallback((listener: () => void) => live.subscribe(listener), [live]);
  const snapshot = useSyncExternalStore(subscribe, () => live.current.snapshot);
  if (snapshot === undefined) return null;
  return (
    <span className="stamp" title={`Snapshot ${snapshot.id}, position ${snapshot.position}`}>
      As of <Time value={snapshot.asOf} />
    </span>
  );
}
