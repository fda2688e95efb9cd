import { useState } from 'react';
import type { QueryOf } from '@deskwire/client';
import { deliveryColumns } from '../deliveries/delivery-columns.js';
import { DeliveryDetail } from '../deliveries/delivery-detail.js';
import { DELIVERY_STATUSES } from '../deliveries/delivery-state.js';
import { useRetry } from '../deliveries/use-retry.js';
import { FilterBar, ManyFilter, TimeFilter } from '../filters/filter-bar.js';
import { useFilters } from '../filters/use-filters.js';
import { Button, CsvLink, DataTable, Empty, useCan, useList, useUrlState } from '../ui/index.js';

const COLUMNS = deliveryColumns();

/** The deliveries of one webhook. */
export function WebhookLog({ id }: { id: string }) {
  const filters = useFilters(['from', 'to'], ['status']);
  const query = { ...filters.query, endpointId: [id] } as QueryOf<'/v1/deliveries'>;
  const canRetry = useCan('trader');
  const list = useList('/v1/deliveries', query);
  const [opened, open] = useUrlState<string>('delivery', '');
  const [selected, select] = useState<ReadonlySet<string>>(new Set());
  const retry = useRetry(() => select(new Set()));
  return (
    <>
      <div className="filters">
        {canRetry && (
          <Button icon="refresh" disabled={selected.size === 0} onClick={() => void retry.ask([...selected])}>
            {selected.size === 0 ? 'Send again' : `Send ${selected.size} again`}
          </Button>
        )}
        <CsvLink path="/v1/deliveries" query={query} name="webhook-log" />
      </div>
      <FilterBar label="Filters of the log" isFiltered={filters.isFiltered} onClear={filters.clear}>
        <ManyFilter
          label="Status"
          values={filters.many.status}
          choices={DELIVERY_STATUSES}
          onChange={(status) => filters.set({ status })}
        />
        <TimeFilter span={filters.one} onChange={filters.set} />
      </FilterBar>
      <DataTable
        {...list}
        label="Deliveries of this webhook"
        columns={COLUMNS}
        rowKey={(row) => row.id}
        onRow={(row) => open(row.id)}
        {...(canRetry && { selection: { keys: selected, onChange: select } })}
        tone={({ status }) => (status === 'dead' ? 'bad' : undefined)}
        empty={
          filters.isFiltered ? (
            <Empty title="No delivery matches these filters" next="Clear the filters." />
          ) : (
            <Empty title="Nothing was sent yet" next="Send a test, or choose this webhook in a rule." />
          )
        }
      />
      {opened !== '' && <DeliveryDetail key={opened} id={opened} onClose={() => open('')} />}
    </>
  );
}
