import { Injectable } from '@nestjs/common';
import { appendSql } from '#changes';
import { Database } from '#database';
import type { KeyCount } from '#sealing';
import type { OrderKey } from '#text';
import { ENDPOINT_STATES, type EndpointState } from './endpoint-health.js';
import { ENDPOINT_COLUMNS, type EndpointSettings, type WebhookEndpoint } from './webhook-endpoint.js';
import type { EndpointPart } from './webhook-seal.js';

const COLUMN_OF: Readonly<Record<EndpointPart, string>> = { path: 'sealed_path', headers: 'sealed_headers' };

export interface EndpointFilter {
  /** Owner; undefined: all owners. */
  userId: string | undefined;
  states: readonly EndpointState[] | undefined;
  sort: string;
  after: OrderKey | undefined;
  limit: number;
}

/** What each order is by. Times to the millisecond, as a cursor has them. */
const ORDERS = {
  createdAt: null,
  description: ['description COLLATE "C"', 'text'],
  state: [`array_position(ARRAY['${ENDPOINT_STATES.join(`','`)}'], state)`, 'integer'],
  stateSince: [`date_trunc('milliseconds', state_since)`, 'timestamptz'],
} as const;

/** Id and origin of an endpoint, and its sealed path or headers. */
export interface SealedPart {
  id: string;
  url: string;
  sealed: string;
}

/** All SQL of webhook_endpoints, except that of their health. */
@Injectable()
export class WebhooksRepository {
  constructor(private readonly database: Database) {}

  page({ userId, states, sort, after, limit }: EndpointFilter): Promise<WebhookEndpoint[]> {
    const params: unknown[] = [limit];
    const keyset = Database.keyset(params, sort, ORDERS, ['id', 'uuid'], after);
    const conditions = Database.conditions(params, [
      ['user_id = ', userId, 'uuid'],
      ['state = ANY ', states, 'text[]'],
    ]);
    return this.database.rows<WebhookEndpoint>(
      `SELECT ${ENDPOINT_COLUMNS} FROM webhook_endpoints
       WHERE ${['true', ...conditions, ...keyset.after].join(' AND ')} ORDER BY ${keyset.orderBy} LIMIT $1`,
      params,
    );
  }

  async find(id: string): Promise<WebhookEndpoint | undefined> {
    const [row] = await this.database.rows<WebhookEndpoint>(
      `SELECT ${ENDPOINT_COLUMNS} FROM webhook_endpoints WHERE id = $1`,
      [id],
    );
    return row;
  }

  /** Returns the existing endpoints among these, in no order. */
  findMany(ids: readonly string[]): Promise<WebhookEndpoint[]> {
    return this.database.rows<WebhookEndpoint>(
      `SELECT ${ENDPOINT_COLUMNS} FROM webhook_endpoints WHERE id = ANY ($1::uuid[])`,
      [ids],
    );
  }

  /** Returns an endpoint and locks it until the transaction ends. */
  async lock(id: string): Promise<WebhookEndpoint | undefined> {
    const [row] = await this.database.rows<WebhookEndpoint>(
      `SELECT ${ENDPOINT_COLUMNS} FROM webhook_endpoints WHERE id = $1 FOR NO KEY UPDATE`,
      [id],
    );
    return row;
  }

  /** Returns the number of endpoints of a user, and blocks additions until the transaction ends. */
  async countOf(userId: string | null): Promise<number> {
    const [row] = await this.database.rows<{ count: number }>(
      `SELECT count(*)::integer AS count FROM webhook_endpoints WHERE user_id IS NOT DISTINCT FROM $1::uuid`,
      [userId],
    );
    return row!.count;
  }

  /** The sealed path is bound to the id, so the id exists before the row. */
  async newId(): Promise<string> {
    const [row] = await this.database.rows<{ id: string }>(`SELECT uuidv7() AS id`);
    return row!.id;
  }

  async insert(id: string, userId: string | null, settings: EndpointSettings): Promise<WebhookEndpoint> {
    const [row] = await this.database.rows<WebhookEndpoint>(
      `INSERT INTO webhook_endpoints (id, user_id, url, sealed_path, description, format, operator, min_severity, concurrency, rate_per_second,
         header_names, sealed_headers)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING ${ENDPOINT_COLUMNS}`,
      [id, userId, ...settingValues(settings)],
    );
    return row!;
  }

  async update(id: string, settings: EndpointSettings): Promise<WebhookEndpoint> {
    const [row] = await this.database.rows<WebhookEndpoint>(
      `UPDATE webhook_endpoints SET url = $2, sealed_path = $3, description = $4, format = $5, operator = $6, min_severity = $7, concurrency = $8,
         rate_per_second = $9, header_names = $10, sealed_headers = $11,
         updated_at = now() WHERE id = $1 RETURNING ${ENDPOINT_COLUMNS}`,
      [id, ...settingValues(settings)],
    );
    return row!;
  }

  /** Rows of an earlier version, whose URL is in clear. */
  unsealed(limit: number): Promise<WebhookEndpoint[]> {
    return this.database.rows<WebhookEndpoint>(
      `SELECT ${ENDPOINT_COLUMNS} FROM webhook_endpoints WHERE sealed_path IS NULL ORDER BY id LIMIT $1`,
      [limit],
    );
  }

  /** Returns the next endpoints after an id whose path, or whose headers, another key sealed. */
  sealedOtherwise(
    part: EndpointPart,
    keyId: string,
    afterId: string | undefined,
    limit: number,
  ): Promise<SealedPart[]> {
    return this.database.rows<SealedPart>(
      `SELECT id, url, ${COLUMN_OF[part]} AS sealed FROM webhook_endpoints
       WHERE split_part(${COLUMN_OF[part]}, ':', 2) <> $1 AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3`,
      [keyId, afterId ?? null, limit],
    );
  }

  countByKey(part: EndpointPart): Promise<KeyCount[]> {
    return this.database.rows<KeyCount>(
      `SELECT split_part(${COLUMN_OF[part]}, ':', 2) AS "keyId", count(*)::integer AS count FROM webhook_endpoints
       WHERE ${COLUMN_OF[part]} IS NOT NULL GROUP BY 1 ORDER BY 1`,
    );
  }

  /**
   * Updates the row only if it has not changed since it was read. Cached rows are dropped, because a process without the
   * earlier key cannot open them. @returns whether it was updated
   */
  async replaceUrl(
    before: Pick<WebhookEndpoint, 'id' | 'url' | 'sealedPath'>,
    after: Pick<WebhookEndpoint, 'url' | 'sealedPath'>,
  ): Promise<boolean> {
    const changed = await this.database.run(
      `WITH replaced AS (
         UPDATE webhook_endpoints SET url = $4, sealed_path = $5
         WHERE id = $1 AND url = $2 AND sealed_path IS NOT DISTINCT FROM $3 RETURNING id
       ) ${appendSql('webhooks', 'id::text')} FROM replaced`,
      [before.id, before.url, before.sealedPath, after.url, after.sealedPath],
    );
    return changed > 0;
  }

  /** Updates the headers only if they have not changed since they were read, and drops cached rows, as replaceUrl() does. @returns whether it did */
  async replaceHeaders(id: string, before: string, sealed: string): Promise<boolean> {
    const changed = await this.database.run(
      `WITH replaced AS (
         UPDATE webhook_endpoints SET sealed_headers = $3 WHERE id = $1 AND sealed_headers = $2 RETURNING id
       ) ${appendSql('webhooks', 'id::text')} FROM replaced`,
      [id, before, sealed],
    );
    return changed > 0;
  }

  /** Removes an endpoint with its secrets and health. */
  async remove(id: string): Promise<void> {
    await this.database.rows(
      `WITH minutes AS (DELETE FROM webhook_health_metrics WHERE endpoint_id = $1) DELETE FROM webhook_endpoints WHERE id = $1`,
      [id],
    );
  }

  /** Returns all endpoints, ordered by id. Depends on the snapshot only. */
  summaries(): Promise<WebhookEndpoint[]> {
    return this.database.prepared<WebhookEndpoint>(`SELECT ${ENDPOINT_COLUMNS} FROM webhook_endpoints ORDER BY id`);
  }
}

function settingValues({
  url,
  sealedPath,
  description,
  format,
  operator,
  minSeverity,
  concurrency,
  ratePerSecond,
  headerNames,
  sealedHeaders,
}: EndpointSettings): unknown[] {
  return [
    ...[url, sealedPath, description, format, operator, minSeverity, concurrency, ratePerSecond],
    ...[headerNames, sealedHeaders],
  ];
}
