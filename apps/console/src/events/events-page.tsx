import type { QueryOf } from '@deskwire/client';
import { useQuery } from '@tanstack/react-query';
import { useDesk } from '@deskwire/client/react';
import { ChoiceFilter, FilterBar, TextFilter, TimeFilter } from '../filters/filter-bar.js';
import { useFilters } from '../filters/use-filters.js';
import { useEventTypeChoices } from '../rules/use-catalogue.js';
import {
  Button,
  type Column,
  CsvLink,
  DataTable,
  Drawer,
  Empty,
  Page,
  Time,
  useList,
  useUrlState,
} from '../ui/index.js';
import { NotShown } from '../filters/facts.js';
import { EventFacts, type EventRow } from './event-facts.js';
import { Trace } from './trace-view.js';
import './events.css';

const COLUMNS: readonly Column<EventRow>[] = [
  { key: 'type', title: 'Event', width: 210, cell: ({ type }) => <b>{type}</b> },
  { key: 'about', title: 'About', cell: ({ payload }) => aboutText(payload) },
  { key: 'occurred', title: 'Occurred', width: 200, wide: true, cell: ({ occurredAt }) => <Time value={occurredAt} /> },
  { key: 'broker', title: 'Broker', width: 110, wide: true, cell: ({ broker }) => broker ?? '–' },
  {
    ...{ key: 'correlation', title: 'Correlation id', width: 290, wide: true },
    cell: ({ correlationId }) => <code>{correlationId ?? '–'}</code>,
  },
];

/** What happened, newest first; of one correlation id, the whole way from the request to the webhook. */
export default function EventsPage() {
  const filters = useFilters(['correlationId', 'type', 'from', 'to']);
  const { one, set } = filters;
  const list = useList('/v1/events', filters.query as QueryOf<'/v1/events'>);
  const types = useEventTypeChoices();
  const [opened, open] = useUrlState<string>('event', '');
  return (
    <Page title="Events" actions={<CsvLink path="/v1/events" query={filters.query} name="events" />}>
      <FilterBar label="Filters of events" isFiltered={filters.isFiltered} onClear={filters.clear}>
        <TextFilter
          label="Correlation id"
          value={one.correlationId}
          onChange={(correlationId) => set({ correlationId })}
        />
        <ChoiceFilter
          label="Event type"
          value={one.type}
          any="Any type"
          choices={types}
          onChange={(type) => set({ type })}
        />
        <TimeFilter span={one} onChange={set} />
      </FilterBar>
      {one.correlationId !== '' && <Trace key={one.correlationId} correlationId={one.correlationId} />}
      <DataTable
        {...list}
        label="Events"
        columns={COLUMNS}
        rowKey={({ id }) => id}
        onRow={({ id }) => open(id)}
        empty={
          filters.isFiltered ? (
            <Empty
              title="No event matches these filters"
              next={<Button onClick={filters.clear}>Clear the filters</Button>}
            />
          ) : (
            <Empty
              title="No events yet"
              next="Add a feed, send a portfolio or open a broker session: each records events."
            />
          )
        }
      />
      {opened !== '' && (
        <EventDetail
          key={opened}
          id={opened}
          onClose={() => open('')}
          onTrace={(correlationId) => set({ correlationId })}
        />
      )}
    </Page>
  );
}

function EventDetail({
  id,
  onClose,
  onTrace,
}: {
  id: string;
  onClose: () => void;
  onTrace: (correlationId: string) => void;
}) {
  const desk = useDesk();
  const { data: event, error } = useQuery<EventRow>({
    queryKey: ['/v1/events', id],
    queryFn: () => desk.get('/v1/events/{id}', { params: { id } }),
  });
  const trace = () => {
    onClose();
    onTrace(event!.correlationId!);
  };
  return (
    <Drawer
      title={event?.type ?? 'Event'}
      onClose={onClose}
      footer={event?.correlationId != null && <Button onClick={trace}>Trace its correlation id</Button>}
    >
      {error && <NotShown problem={error} next="Close this and look at the list." />}
      {event && <EventFacts event={event} />}
    </Drawer>
  );
}

/** The first texts of a payload that a person recognises. */
function aboutText(payload: unknown): string {
  const known = [
    'title',
    'action',
    'symbol',
    'name',
    'host',
    'reason',
    'broker',
    'portfolioId',
    'ruleName',
    'feed',
    'form',
    'account',
  ];
  if (typeof payload !== 'object' || payload === null) return '';
  const values = known.map((name) => (payload as Record<string, unknown>)[name]);
  return values
    .filter((value) => typeof value === 'string' || typeof value === 'number')
    .slice(0, 3)
    .join(', ');
}
