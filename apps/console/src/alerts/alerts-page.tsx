import { useEffect, useMemo, useState } from 'react';
import { Link } from 'wouter';
import { useLiveRefresh } from '../filters/use-live-refresh.js';
import {
  Badge,
  Button,
  type Column,
  CsvLink,
  DataTable,
  Empty,
  Page,
  Time,
  useCan,
  useList,
  useUrlState,
} from '../ui/index.js';
import type { QueryOf } from '@deskwire/client';
import { AlertDetail } from './alert-detail.js';
import { AlertFilters, useAlertFilters } from './alert-filters.js';
import { type AlertRow, SeverityBadge } from './severity.js';
import { Silences } from './silences.js';
import { useAcknowledge } from './use-acknowledge.js';
import './alerts.css';

const COLUMNS: readonly Column<AlertRow>[] = [
  { key: 'severity', title: 'Severity', width: 92, cell: ({ severity }) => <SeverityBadge severity={severity} /> },
  {
    key: 'title',
    title: 'Alert',
    cell: ({ title, count }) => (
      <>
        {title} {count > 1 && <Badge>{count} times</Badge>}
      </>
    ),
  },
  { key: 'rule', title: 'Rule', width: 220, wide: true, cell: ({ ruleName }) => ruleName },
  { key: 'raised', title: 'Raised', width: 200, wide: true, cell: ({ raisedAt }) => <Time value={raisedAt} /> },
  { key: 'state', title: 'State', width: 88, cell: (alert) => <AlertState alert={alert} /> },
  {
    ...{ key: 'acknowledged', title: 'Acknowledged', width: 200, wide: true },
    cell: ({ acknowledgedAt }) => <Time value={acknowledgedAt} />,
  },
];

const isUrgent = ({ severity, acknowledgedAt, silencedBy }: AlertRow) =>
  severity === 'critical' && acknowledgedAt === null && silencedBy === null;

/** The alerts that the reader may see, newest first, with what one does about them. */
export default function AlertsPage() {
  const filters = useAlertFilters();
  const alerts = useList('/v1/alerts', filters.query as QueryOf<'/v1/alerts'>);
  useLiveRefresh('alerts', alerts);
  const [opened, open] = useUrlState<string>('alert', '');
  const [selected, select] = useState<ReadonlySet<string>>(new Set());
  const acknowledge = useAcknowledge();
  const waiting = useMemo(
    () => alerts.rows.filter(({ id, acknowledgedAt }) => selected.has(id) && acknowledgedAt === null),
    [alerts.rows, selected],
  );
  const acknowledgeSelected = () => {
    void acknowledge(waiting.map(({ id }) => id));
    select(new Set());
  };
  useFirstRowKeys();
  return (
    <Page
      title="Alerts"
      actions={
        <>
          <Button icon="check" disabled={waiting.length === 0} onClick={acknowledgeSelected}>
            {waiting.length === 0 ? 'Acknowledge' : `Acknowledge ${waiting.length}`}
          </Button>
          <CsvLink path="/v1/alerts" query={filters.query} name="alerts" />
        </>
      }
    >
      <AlertFilters filters={filters} />
      <Silences />
      <DataTable
        {...alerts}
        label="Alerts"
        columns={COLUMNS}
        rowKey={({ id }) => id}
        onRow={({ id }) => open(id)}
        keys={{ a: ({ id }) => (waiting.length > 0 ? acknowledgeSelected() : void acknowledge([id])) }}
        selection={{ keys: selected, onChange: select }}
        tone={(alert) => (isUrgent(alert) ? 'bad' : undefined)}
        empty={<NoAlerts isFiltered={filters.isFiltered} onClear={filters.clear} />}
      />
      <p className="key-hints">
        <kbd>j</kbd> <kbd>k</kbd> move, <kbd>a</kbd> acknowledge, <kbd>x</kbd> select, <kbd>Enter</kbd> open
      </p>
      {opened !== '' && <AlertDetail key={opened} id={opened} onClose={() => open('')} onAcknowledge={acknowledge} />}
    </Page>
  );
}

function AlertState({ alert: { acknowledgedAt, silencedBy } }: { alert: AlertRow }) {
  if (acknowledgedAt !== null) return <Badge>done</Badge>;
  if (silencedBy !== null) return <Badge>silenced</Badge>;
  return <Badge tone="warn">open</Badge>;
}

/** `j` leads into the list from anywhere on the page. Within the list the table moves. */
function useFirstRowKeys(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isOutside =
        document.activeElement === document.body || document.activeElement?.matches('main, h1') === true;
      if (!isOutside || event.ctrlKey || event.metaKey || event.altKey || !['j', 'k'].includes(event.key)) return;
      document.querySelector<HTMLElement>('.table-row[tabindex="0"]')?.focus();
      event.preventDefault();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}

function NoAlerts({ isFiltered, onClear }: { isFiltered: boolean; onClear: () => void }) {
  const canWrite = useCan('trader');
  if (isFiltered)
    return <Empty title="No alert matches these filters" next={<Button onClick={onClear}>Clear the filters</Button>} />;
  const next = canWrite ? (
    <Link href="/rules?rule=new">Write a rule that raises one</Link>
  ) : (
    'Ask a trader or an operator to write a rule that raises one.'
  );
  return <Empty title="No alerts yet" next={next} />;
}
