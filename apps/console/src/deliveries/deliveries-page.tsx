import type { QueryOf } from '@deskwire/client';
import { useMemo, useState } from 'react';
import { Link } from 'wouter';
import { useLiveRefresh } from '../filters/use-live-refresh.js';
import { ChoiceFilter, FilterBar, ManyFilter, TimeFilter } from '../filters/filter-bar.js';
import { useFilters } from '../filters/use-filters.js';
import { Button, CsvLink, DataTable, Empty, Page, useCan, useList, useUrlState } from '../ui/index.js';
import { useWebhookNames, useWebhooks, webhookName } from '../webhooks/use-webhooks.js';
import { deliveryColumns } from './delivery-columns.js';
import { DeliveryDetail } from './delivery-detail.js';
import { DELIVERY_STATUSES } from './delivery-state.js';
import { useRetry } from './use-retry.js';

/** The ledger: every message to every webhook, with its attempts. */
export default function DeliveriesPage() {
  const filters = useFilters(['endpointId', 'alertId', 'from', 'to'], ['status']);
  const { one, many, set } = filters;
  const canRetry = useCan('trader');
  const list = useList('/v1/deliveries', filters.query as QueryOf<'/v1/deliveries'>);
  useLiveRefresh('deliveries', list);
  const [opened, open] = useUrlState<string>('delivery', '');
  const [selected, select] = useState<ReadonlySet<string>>(new Set());
  const webhooks = useWebhooks();
  const nameOf = useWebhookNames();
  const columns = useMemo(() => deliveryColumns(nameOf), [nameOf]);
  const retry = useRetry(() => select(new Set()));
  return (
    <Page
      title="Deliveries"
      actions={
        <>
          {canRetry && (
            <Button
              icon="refresh"
              busy={retry.isBusy}
              disabled={selected.size === 0}
              onClick={() => void retry.ask([...selected])}
            >
              {selected.size === 0 ? 'Send again' : `Send ${selected.size} again`}
            </Button>
          )}
          <CsvLink path="/v1/deliveries" query={filters.query} name="deliveries" />
        </>
      }
    >
      <FilterBar label="Filters of deliveries" isFiltered={filters.isFiltered} onClear={filters.clear}>
        <ManyFilter
          label="Status"
          values={many.status}
          choices={DELIVERY_STATUSES}
          onChange={(status) => set({ status })}
        />
        <ChoiceFilter
          label="Webhook"
          value={one.endpointId}
          any="Any webhook"
          choices={webhooks.map((webhook) => ({ value: webhook.id, label: webhookName(webhook) }))}
          onChange={(endpointId) => set({ endpointId })}
        />
        {one.alertId !== '' && (
          <ChoiceFilter
            label="Alert"
            value={one.alertId}
            any="Any alert"
            choices={[{ value: one.alertId, label: 'One alert' }]}
            onChange={(alertId) => set({ alertId })}
          />
        )}
        <TimeFilter span={one} onChange={set} />
      </FilterBar>
      <DataTable
        {...list}
        label="Deliveries"
        columns={columns}
        rowKey={({ id }) => id}
        onRow={({ id }) => open(id)}
        {...(canRetry && { selection: { keys: selected, onChange: select } })}
        tone={({ status }) => (status === 'dead' ? 'bad' : undefined)}
        empty={
          <NoDeliveries isFiltered={filters.isFiltered} onClear={filters.clear} hasWebhook={webhooks.length > 0} />
        }
      />
      {opened !== '' && <DeliveryDetail key={opened} id={opened} onClose={() => open('')} />}
    </Page>
  );
}

function NoDeliveries(props: { isFiltered: boolean; onClear: () => void; hasWebhook: boolean }) {
  const { isFiltered, onClear, hasWebhook } = props;
  const canWrite = useCan('trader');
  if (isFiltered)
    return (
      <Empty title="No delivery matches these filters" next={<Button onClick={onClear}>Clear the filters</Button>} />
    );
  return (
    <Empty
      title="Nothing was sent yet"
      next={
        !canWrite ? (
          'Ask a trader or an operator to choose a webhook in a rule.'
        ) : hasWebhook ? (
          <Link href="/rules">Choose a webhook in a rule</Link>
        ) : (
          <Link href="/webhooks?add=true">Add a webhook that receives alerts</Link>
        )
      }
    />
  );
}
