import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import { utcTimeSql } from '#time';

/** A stored mapping. */
export interface StoredMapping {
  broker: string;
  name: string;
  mapping: Record<string, unknown>;
  changedBy: string;
  createdAt: string;
  updatedAt: string;
}

const COLUMNS = `broker, name, mapping, changed_by AS "changedBy", ${utcTimeSql('created_at')} AS "createdAt",
  ${utcTimeSql('updated_at')} AS "updatedAt"`;

/** The SQL of stored mappings. */
@Injectable()
export class MappingsRepository {
  constructor(private readonly database: Database) {}

  /** @returns the stored row, and whether it is new */
  async put(
    broker: string,
    name: string,
    mapping: Record<string, unknown>,
    changedBy: string,
  ): Promise<StoredMapping & { added: boolean }> {
    const [row] = await this.database.rows<StoredMapping & { added: boolean }>(
      `INSERT INTO instrument_mappings (broker, name, mapping, changed_by) VALUES ($1, $2, $3, $4)
       ON CONFLICT (broker, name) DO UPDATE SET mapping = excluded.mapping, changed_by = excluded.changed_by, updated_at = now()
       RETURNING ${COLUMNS}, xmax = 0 AS added`,
      [broker, name, JSON.stringify(mapping), changedBy],
    );
    return row!;
  }

  async count(): Promise<number> {
    const [row] = await this.database.rows<{ count: number }>(
      `SELECT count(*)::integer AS count FROM instrument_mappings`,
    );
    return row!.count;
  }

  async find(broker: string, name: string): Promise<StoredMapping | undefined> {
    const [row] = await this.database.rows<StoredMapping>(
      `SELECT ${COLUMNS} FROM instrument_mappings WHERE broker = $1 AND name = $2`,
      [broker, name],
    );
    return row;
  }

  /** Lists mappings by broker and name. @param after broker and name of the last mapping seen */
  list(
    broker: string | undefined,
    limit: number,
    after: readonly [broker: string, name: string] | undefined,
  ): Promise<StoredMapping[]> {
    return this.database.rows<StoredMapping>(
      `SELECT ${COLUMNS} FROM instrument_mappings
       WHERE ($1::text IS NULL OR broker = $1) AND ($2::text IS NULL OR (broker, name) > ($2, $3)) ORDER BY broker, name LIMIT $4`,
      [broker ?? null, after?.[0] ?? null, after?.[1] ?? null, limit],
    );
  }

  /** @returns whether there was such a mapping */
  async remove(broker: string, name: string): Promise<boolean> {
    return (
      (await this.database.run(`DELETE FROM instrument_mappings WHERE broker = $1 AND name = $2`, [broker, name])) > 0
    );
  }
}
