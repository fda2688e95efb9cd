import type { QueryOf } from '@deskwire/client';
import { useLiveRefresh } from '../filters/use-live-refresh.js';
import { FilterBar, ManyFilter } from '../filters/filter-bar.js';
import { useFilters } from '../filters/use-filters.js';
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
  useSort,
  useUrlForm,
  useUrlState,
} from '../ui/index.js';
import { type WebhookRow, webhookName } from './use-webhooks.js';
import { WebhookDetail } from './webhook-detail.js';
import { AddWebhook } from './webhook-form.js';
import { WebhookState } from './webhook-state.js';
import './webhooks.css';

const STATES = ['healthy', 'degraded', 'disabled'] as const;
const COLUMNS: readonly Column<WebhookRow>[] = [
  {
    key: 'name',
    title: 'Webhook',
    sort: 'description',
    cell: (webhook) => (
      <>
        <b>{webhookName(webhook)}</b> {webhook.userId === null && <Badge>desk</Badge>}
      </>
    ),
  },
  { key: 'state', title: 'State', width: 150, sort: 'state', cell: (webhook) => <WebhookState webhook={webhook} /> },
  { key: 'pending', title: 'Waiting', width: 76, align: 'end', wide: true, cell: ({ waiting }) => waiting.pending },
  { key: 'held', title: 'Held', width: 64, align: 'end', cell: ({ waiting }) => waiting.held },
  { key: 'format', title: 'Format', width: 90, wide: true, cell: ({ format }) => format },
  { key: 'severity', title: 'Severity from', width: 110, wide: true, cell: (webhook) => webhook.minSeverity ?? 'all' },
  {
    key: 'since',
    title: 'State since',
    width: 200,
    wide: true,
    sort: 'stateSince',
    cell: ({ stateSince }) => <Time value={stateSince} />,
  },
];

/** The endpoints that receive alerts. */
export default function WebhooksPage() {
  const filters = useFilters([], ['state']);
  const sort = useSort(COLUMNS, 'createdAt');
  const query = { ...filters.query, sort: sort.value } as QueryOf<'/v1/webhooks'>;
  const canWrite = useCan('trader');
  const list = useList('/v1/webhooks', query);
  useLiveRefresh('webhooks', list);
  const [opened, open] = useUrlState<string>('webhook', '');
  const [adding, add] = useUrlForm('add');
  if (opened !== '') return <WebhookDetail key={opened} id={opened} onClose={() => open('')} />;
  return (
    <Page
      title="Webhooks"
      about="Endpoints that receive alerts as signed messages."
      actions={
        <>
          <CsvLink path="/v1/webhooks" query={query} name="webhooks" />
          {canWrite && (
            <Button tone="accent" icon="plus" onClick={() => add(true)}>
              Add webhook
            </Button>
          )}
        </>
      }
    >
      <FilterBar label="Filters of webhooks" isFiltered={filters.isFiltered} onClear={filters.clear}>
        <ManyFilter
          label="State"
          values={filters.many.state}
          choices={STATES}
          onChange={(state) => filters.set({ state })}
        />
      </FilterBar>
      <DataTable
        {...list}
        sort={sort}
        label="Webhooks"
        columns={COLUMNS}
        rowKey={({ id }) => id}
        onRow={({ id }) => open(id)}
        tone={({ state, stateReason }) => (state === 'disabled' && stateReason !== 'paused' ? 'bad' : undefined)}
        empty={<NoWebhooks filters={filters} add={canWrite ? () => add(true) : undefined} />}
      />
      {adding && canWrite && <AddWebhook onClose={() => add(false)} onOpen={open} />}
    </Page>
  );
}

function NoWebhooks({
  filters,
  add,
}: {
  filters: { isFiltered: boolean; clear: () => void };
  add: (() => void) | undefined;
}) {
  if (filters.isFiltered)
    return (
      <Empty title="No webhook is in this state" next={<Button onClick={filters.clear}>Clear the filter</Button>} />
    );
  return (
    <Empty
      title="No webhooks yet"
      next={add ? <Button onClick={add}>Add the first webhook</Button> : 'Ask a trader or an operator to add one.'}
    />
  );
}
