import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { type Desk } from '@deskwire/client';
import { useDesk } from '@deskwire/client/react';
import { useWebhookNames } from '../webhooks/use-webhooks.js';
import { traceOf, type TraceParts, type TraceRow } from './trace.js';

/** Deliveries of a trace whose attempts are read. */
const MOST_DELIVERIES = 50;
const REFRESH_MS = 5_000;

/** Reads what one correlation id caused. Attempts may still come, so it is read again while it is shown. */
export function useTrace(correlationId: string): { rows: TraceRow[]; isBusy: boolean } {
  const desk = useDesk();
  const client = useQueryClient();
  const nameOf = useWebhookNames();
  const { data, isPending } = useQuery({
    queryKey: ['trace', correlationId],
    queryFn: () => readTrace(desk, client, correlationId),
    refetchInterval: REFRESH_MS,
  });
  const rows = useMemo(() => (data === undefined ? [] : traceOf(data, nameOf)), [data, nameOf]);
  return { rows, isBusy: isPending };
}

async function readTrace(desk: Desk, client: QueryClient, correlationId: string): Promise<TraceParts> {
  const query = { correlationId, limit: 100 };
  const [events, alerts] = await Promise.all([desk.get('/v1/events', { query }), desk.get('/v1/alerts', { query })]);
  const alertId = alerts.items.map(({ id }) => id).slice(0, MOST_DELIVERIES);
  const sent =
    alertId.length === 0
      ? []
      : (await desk.get('/v1/deliveries', { query: { alertId, limit: MOST_DELIVERIES } })).items;
  // Attempts are read again only of a delivery that has moved.
  const deliveries = await Promise.all(
    sent.map(({ id, status, attempts }) =>
      client.fetchQuery({
        queryKey: ['/v1/deliveries', id, status, attempts],
        queryFn: () => desk.get('/v1/deliveries/{id}', { params: { id } }),
        staleTime: Number.POSITIVE_INFINITY,
      }),
    ),
  );
  return { events: events.items, alerts: alerts.items, deliveries };
}
