import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import { ENDPOINT_COLUMNS, type EndpointSettings, type WebhookEndpoint } from './webhook-endpoint.js';

/** All SQL of webhook_endpoints, except that of their health. */
@Injectable()
export class WebhooksRepository {
  constructor(private readonly database: Database) {}

  /** Returns one page in the order of creation. @param userId endpoints of this user; undefined for all */
  page(userId: string | undefined, afterId: string | undefined, limit: number): Promise<WebhookEndpoint[]> {
    return this.database.rows<WebhookEndpoint>(
      `SELECT ${ENDPOINT_COLUMNS} FROM webhook_endpoints
       WHERE ($1::uuid IS NULL OR user_id = $1) AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3`,
      [userId ?? null, afterId ?? null, limit],
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
      `INSERT INTO webhook_endpoints (id, user_id, url, sealed_path, description, format, operator, min_severity, concurrency, rate_per_second)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING ${ENDPOINT_COLUMNS}`,
      [id, userId, ...settingValues(settings)],
    );
    return row!;
  }

  async update(id: string, settings: EndpointSettings): Promise<WebhookEndpoint> {
    const [row] = await this.database.rows<WebhookEndpoint>(
      `UPDATE webhook_endpoints SET url = $2, sealed_path = $3, description = $4, format = $5, operator = $6, min_severity = $7, concurrency = $8,
         rate_per_second = $9,
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

  /** Updates the row only if it has not changed since it was read. @returns whether it was updated */
  async replaceUrl(
    before: Pick<WebhookEndpoint, 'id' | 'url' | 'sealedPath'>,
    after: Pick<WebhookEndpoint, 'url' | 'sealedPath'>,
  ): Promise<boolean> {
    const changed = await this.database.run(
      `UPDATE webhook_endpoints SET url = $4, sealed_path = $5 WHERE id = $1 AND url = $2 AND sealed_path IS NOT DISTINCT FROM $3`,
      [before.id, before.url, before.sealedPath, after.url, after.sealedPath],
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
}: EndpointSettings): unknown[] {
  return [url, sealedPath, description, format, operator, minSeverity, concurrency, ratePerSecond];
}
