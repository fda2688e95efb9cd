import type { Lane } from '#deliveries';
import type { EndpointState, StateReason } from './endpoint-health.js';

export type MinSeverity = 'info' | 'warning' | 'critical';

/** A row of webhook_endpoints. */
export interface WebhookEndpoint {
  id: string;
  /** Null for an endpoint of the desk. */
  userId: string | null;
  /** The origin; the whole URL in a row of an earlier version that is not sealed yet. */
  url: string;
  /** Path and query, sealed; null in a row of an earlier version. */
  sealedPath: string | null;
  description: string;
  format: Lane['format'];
  operator: boolean;
  minSeverity: MinSeverity | null;
  concurrency: number;
  ratePerSecond: number | null;
  /** Names of the headers sent with each message, in lower case. */
  headerNames: string[];
  /** Names and values of these headers, sealed. Null without headers. */
  sealedHeaders: string | null;
  state: EndpointState;
  stateReason: StateReason | null;
  stateSince: Date;
  failingSince: Date | null;
  probeAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

/** The settings that its owner changes. */
export type EndpointSettings = Pick<
  WebhookEndpoint,
  | 'url'
  | 'sealedPath'
  | 'description'
  | 'format'
  | 'operator'
  | 'minSeverity'
  | 'concurrency'
  | 'ratePerSecond'
  | 'headerNames'
  | 'sealedHeaders'
>;

/** @param of alias of the table with a dot, or empty */
export function endpointColumns(of: string): string {
  return `${of}id, ${of}user_id AS "userId", ${of}url, ${of}sealed_path AS "sealedPath", ${of}description, ${of}format, ${of}operator, ${of}min_severity AS "minSeverity",
  ${of}concurrency, ${of}rate_per_second AS "ratePerSecond", ${of}header_names AS "headerNames", ${of}sealed_headers AS "sealedHeaders", ${of}state, ${of}state_reason AS "stateReason", ${of}state_since AS "stateSince",
  ${of}failing_since AS "failingSince", ${of}probe_at AS "probeAt", ${of}created_at AS "createdAt", ${of}updated_at AS "updatedAt"`;
}

export const ENDPOINT_COLUMNS = endpointColumns('');

/** The only part of an endpoint's URL that others than its owner may see. */
export function hostOf({ url }: Pick<WebhookEndpoint, 'url'>): string {
  return new URL(url).host;
}
