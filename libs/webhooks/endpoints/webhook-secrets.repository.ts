import { Injectable } from '@nestjs/common';
import { appendSql } from '#changes';
import { Database } from '#database';
import type { KeyCount } from '#sealing';

export interface SealedSecret {
  id: string;
  endpointId: string;
  sealed: string;
  expiresAt: Date | null;
}

const COLUMNS = `id, endpoint_id AS "endpointId", sealed, expires_at AS "expiresAt"`;

/** All SQL of webhook_secrets. */
@Injectable()
export class WebhookSecretsRepository {
  constructor(private readonly database: Database) {}

  /** Returns an id for a new secret. Sealing needs the id. */
  async newId(): Promise<string> {
    const [row] = await this.database.rows<{ id: string }>(`SELECT uuidv7() AS id`);
    return row!.id;
  }

  async insert({ id, endpointId, sealed }: Omit<SealedSecret, 'expiresAt'>): Promise<void> {
    await this.database.rows(`INSERT INTO webhook_secrets (id, endpoint_id, sealed) VALUES ($1, $2, $3)`, [
      id,
      endpointId,
      sealed,
    ]);
  }

  /** Returns the secrets that sign now, newest first. */
  live(endpointId: string): Promise<SealedSecret[]> {
    return this.database.prepared<SealedSecret>(
      `SELECT ${COLUMNS} FROM webhook_secrets WHERE endpoint_id = $1 AND (expires_at IS NULL OR expires_at > now()) ORDER BY id DESC`,
      [endpointId],
    );
  }

  /** Ends the newest secret at a time, and older ones now, so that at most two secrets sign. */
  async retire(endpointId: string, expiresAt: Date): Promise<void> {
    await this.database.rows(
      `WITH older AS (DELETE FROM webhook_secrets WHERE endpoint_id = $1 AND expires_at IS NOT NULL)
       UPDATE webhook_secrets SET expires_at = $2 WHERE endpoint_id = $1 AND expires_at IS NULL`,
      [endpointId, expiresAt],
    );
  }

  /** Returns the next secrets after an id that another key sealed. */
  sealedOtherwise(keyId: string, afterId: string | undefined, limit: number): Promise<SealedSecret[]> {
    return this.database.rows<SealedSecret>(
      `SELECT ${COLUMNS} FROM webhook_secrets
       WHERE split_part(sealed, ':', 2) <> $1 AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3`,
      [keyId, afterId ?? null, limit],
    );
  }

  countByKey(): Promise<KeyCount[]> {
    return this.database.rows<KeyCount>(
      `SELECT split_part(sealed, ':', 2) AS "keyId", count(*)::integer AS count FROM webhook_secrets GROUP BY 1 ORDER BY 1`,
    );
  }

  /**
   * Replaces a secret if it has not changed since it was read. Cached rows are dropped, because a process without the
   * earlier key cannot open them. @returns whether it was replaced
   */
  async replace(id: string, before: string, sealed: string): Promise<boolean> {
    const changed = await this.database.run(
      `WITH replaced AS (UPDATE webhook_secrets SET sealed = $3 WHERE id = $1 AND sealed = $2 RETURNING endpoint_id)
       ${appendSql('webhooks', 'endpoint_id::text')} FROM replaced`,
      [id, before, sealed],
    );
    return changed > 0;
  }
}
