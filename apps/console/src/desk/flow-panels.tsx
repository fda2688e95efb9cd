import type { PanelRow, PanelView } from '@deskwire/client';
import { usePanel } from '@deskwire/client/react';
import { useLocation } from 'wouter';
import { Badge, type Column, DataTable, durationText, Empty, Time } from '../ui/index.js';
import { SEVERITY_TONES } from '../alerts/severity.js';
import { DeliveryBadge } from '../deliveries/delivery-state.js';
import { hrefOf } from '../href-of.js';
import { DeskPanel, type DeskPanelBody, HeadFigure } from './desk-panel.js';
import { useDeskRows } from './desk-rows.js';

const HEIGHT = 290;

type AlertRow = PanelRow<'alerts'>;

const ALERT_COLUMNS: readonly Column<AlertRow>[] = [
  {
    key: 'severity',
    title: 'Severity',
    width: 94,
    cell: ({ severity, acknowledgedAt }) => (
      <Badge tone={acknowledgedAt === null ? SEVERITY_TONES[severity] : 'plain'}>{severity}</Badge>
    ),
  },
  {
    key: 'title',
    title: 'Alert',
    cell: ({ title, count }) => <span title={title}>{count === 1 ? title : `${title} (${count} events)`}</span>,
  },
  {
    key: 'rule',
    title: 'Rule',
    width: 130,
    wide: true,
    cell: ({ ruleName }) => <span title={ruleName}>{ruleName}</span>,
  },
  { key: 'at', title: 'Last', width: 84, align: 'end', cell: ({ lastAt }) => <Time value={lastAt} show="clock" /> },
];

export function AlertsDeskPanel({ live, ...rest }: DeskPanelBody) {
  const panel = useDeskRows(live, 'alerts');
  const [, navigate] = useLocation();
  const open = panel?.unacknowledged;
  return (
    <DeskPanel
      title="Alerts"
      href="/alerts"
      count={open && `${open.critical + open.warning + open.info} not acknowledged`}
      {...rest}
    >
      <dl className="figures">
        {open && (
          <>
            <HeadFigure name="Critical" tone={open.critical > 0 ? 'bad' : undefined}>
              {open.critical}
            </HeadFigure>
            <HeadFigure name="Warning" tone={open.warning > 0 ? 'warn' : undefined}>
              {open.warning}
            </HeadFigure>
            <HeadFigure name="Info">{open.info}</HeadFigure>
          </>
        )}
      </dl>
      <DataTable
        label="Alerts"
        columns={ALERT_COLUMNS}
        rows={panel?.list ?? []}
        rowKey={({ id }) => id}
        busy={panel === undefined}
        height={HEIGHT}
        tone={alertTone}
        onRow={({ id }) => navigate(hrefOf('alerts', id))}
        empty={<Empty title="No alert yet." next="Alerts come from rules: add one on the page Rules." />}
      />
    </DeskPanel>
  );
}

function alertTone({ severity, acknowledgedAt }: AlertRow): 'bad' | 'warn' | undefined {
  if (acknowledgedAt !== null || severity === 'info') return undefined;
  return severity === 'critical' ? 'bad' : 'warn';
}

type DeliveryRow = PanelRow<'deliveries'>;

const DELIVERY_COLUMNS: readonly Column<DeliveryRow>[] = [
  {
    key: 'status',
    title: 'Status',
    width: 90,
    cell: ({ status }) => <DeliveryBadge status={status} />,
  },
  { key: 'answer', title: 'Answer', cell: ({ statusCode, errorClass }) => statusCode ?? errorClass ?? '–' },
  { key: 'attempts', title: 'Attempts', width: 74, align: 'end', cell: ({ attempts }) => attempts },
  {
    key: 'latency',
    title: 'Took',
    width: 80,
    align: 'end',
    cell: ({ latencyMs }) => (latencyMs === null ? '–' : durationText(latencyMs)),
  },
  {
    key: 'at',
    title: 'At',
    width: 84,
    align: 'end',
    cell: ({ settledAt, createdAt }) => <Time value={settledAt ?? createdAt} show="clock" />,
  },
];

export function DeliveriesDeskPanel({ live, ...rest }: DeskPanelBody) {
  const panel = useDeskRows(live, 'deliveries');
  const [, navigate] = useLocation();
  return (
    <DeskPanel title="Deliveries" href="/deliveries" {...rest}>
      <dl className="figures">
        {panel && (
          <>
            <HeadFigure name="Waiting">{panel.waiting}</HeadFigure>
            <HeadFigure name="Held" tone={panel.held > 0 ? 'warn' : undefined}>
              {panel.held}
            </HeadFigure>
            <HeadFigure name="Dead letters" tone={panel.dead > 0 ? 'bad' : undefined}>
              {panel.dead}
            </HeadFigure>
          </>
        )}
      </dl>
      <DataTable
        label="Deliveries"
        columns={DELIVERY_COLUMNS}
        rows={panel?.list ?? []}
        rowKey={({ id }) => id}
        busy={panel === undefined}
        height={HEIGHT}
        tone={({ status }) => (status === 'dead' ? 'bad' : undefined)}
        onRow={({ id }) => navigate(hrefOf('deliveries', id))}
        empty={
          <Empty title="Nothing was sent yet." next="Alerts are sent to webhooks: add one on the page Webhooks." />
        }
      />
    </DeskPanel>
  );
}

type EventRow = PanelView<'system'>['latestEvents'][number];

const EVENT_COLUMNS: readonly Column<EventRow>[] = [
  { key: 'type', title: 'Event', cell: ({ type }) => type },
  { key: 'broker', title: 'Broker', width: 110, wide: true, cell: ({ broker }) => broker ?? '–' },
  {
    key: 'at',
    title: 'At',
    width: 84,
    align: 'end',
    cell: ({ occurredAt }) => <Time value={occurredAt} show="clock" />,
  },
];

export function SystemDeskPanel({ live, ...rest }: DeskPanelBody) {
  const view = usePanel(live, 'system');
  const [, navigate] = useLocation();
  return (
    <DeskPanel title="Events" href="/events" {...rest}>
      <DataTable
        label="Latest events"
        columns={EVENT_COLUMNS}
        rows={view?.latestEvents ?? []}
        rowKey={({ id }) => id}
        busy={view === undefined}
        height={HEIGHT}
        onRow={({ id }) => navigate(hrefOf('events', id))}
        empty={<Empty title="No event yet." />}
      />
    </DeskPanel>
  );
}
