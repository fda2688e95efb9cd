import type { MessageFormat } from '#deliveries';
import type { EndpointState, StateReason } from './endpoint-health.js';

export type MinSeverity = 'info' | 'warning' | 'critical';

/** A row of webhook_endpoints. */
export interface WebhookEndpoint {
  id: string;
  /** Null: the desk's. */
  userId: string | null;
  url: string;
  description: string;
  format: MessageFormat;
  operator: boolean;
  minSeverity: MinSeverity | null;
  concurrency: number;
  ratePerSecond: number | null;
  state: EndpointState;
  stateReason: StateReason | null;
  stateSince: Date;
  failingSince: Date | null;
  probeAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

/** What its owner decides. */
export type EndpointSettings = Pick<
  WebhookEndpoint,
  'url' | 'description' | 'format' | 'operator' | 'minSeverity' | 'concurrency' | 'ratePerSecond'
>;

/** @param of the table's alias and a point, or nothing */
export function endpointColumns(of: string): string {
  return `${of}id, ${of}user_id AS "userId", ${of}url, ${of}description, ${of}format, ${of}operator, ${of}min_severity AS "minSeverity",
  ${of}concurrency, ${of}rate_per_second AS "ratePerSecond", ${of}state, ${of}state_reason AS "stateReason", ${of}state_since AS "stateSince",
  ${of}failing_since AS "failingSince", ${of}probe_at AS "probeAt", ${of}created_at AS "createdAt", ${of}updated_at AS "updatedAt"`;
}

export const ENDPOINT_COLUMNS = endpointColumns('');

/** All that may be said of an endpoint's URL where its owner does not read. */
export function hostOf({ url }: Pick<WebhookEndpoint, 'url'>): string {
  return new URL(url).host;
}
