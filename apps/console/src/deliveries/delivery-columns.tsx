import { type Column, durationText, Time } from '../ui/index.js';
import type { ItemOf } from '@deskwire/client';
import { DeliveryBadge } from './delivery-state.js';

export type DeliveryRow = ItemOf<'/v1/deliveries'>;

/** The columns of a log of deliveries; with the endpoint where the log has several. */
export function deliveryColumns(nameOf?: (endpointId: string) => string): readonly Column<DeliveryRow>[] {
  return [
    { key: 'status', title: 'Status', width: 106, cell: ({ status }) => <DeliveryBadge status={status} /> },
    ...(nameOf ? [{ key: 'endpoint', title: 'Webhook', cell: (row: DeliveryRow) => nameOf(row.endpointId) }] : []),
    { key: 'created', title: 'Enqueued', width: 200, wide: true, cell: ({ createdAt }) => <Time value={createdAt} /> },
    { key: 'attempts', title: 'Attempts', width: 84, align: 'end', wide: true, cell: ({ attempts }) => attempts },
    { key: 'answer', title: 'Answer', width: 110, cell: (row) => row.statusCode ?? row.errorClass ?? '–' },
    {
      ...{ key: 'latency', title: 'Latency', width: 84, align: 'end' as const, wide: true },
      cell: ({ latencyMs }) => (latencyMs === null ? '–' : durationText(latencyMs)),
    },
    {
      ...{ key: 'settled', title: 'Settled', width: 200, wide: true },
      cell: ({ settledAt }) => <Time value={settledAt} />,
    },
    {
      ...{ key: 'next', title: 'Next attempt', width: 200, wide: true },
      cell: ({ status, nextAttemptAt }) => <Time value={status === 'pending' ? nextAttemptAt : null} />,
    },
  ];
}
