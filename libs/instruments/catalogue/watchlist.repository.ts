import { Injectable } from '@nestjs/common';
import { appendSql } from '#changes';
import { Database } from '#database';
import { utcTimeSql } from '#time';
import { INSTRUMENT_COLUMNS, type InstrumentRow } from '../masters/instrument-row.js';

/** A followed contract. */
export interface FollowedRow extends InstrumentRow {
  followedAt: string;
}

export interface AffectedFollower {
  userId: string;
  instrumentId: string;
  action: 'update' | 'relist' | 'delist';
  exchange: string;
  tradingsymbol: string;
  name: string;
}

const FOLLOWED = `${utcTimeSql('r.created_at')} AS "followedAt"`;

/** The SQL of followers (`instrument_registry`). */
@Injectable()
export class WatchlistRepository {
  constructor(private readonly database: Database) {}

  /**
   * Follows a contract and appends to the change feed, in one statement. @returns whether there is such an instrument,
   * and whether it was added
   */
  async follow(userId: string, instrumentId: string): Promise<{ found: boolean; added: boolean }> {
    const [row] = await this.database.rows<{ found: boolean; added: boolean }>(
      `WITH wanted AS (SELECT id FROM instruments WHERE id = $2), added AS (
         INSERT INTO instrument_registry (user_id, instrument_id) SELECT $1, id FROM wanted ON CONFLICT DO NOTHING RETURNING user_id
       ), told AS (${appendSql('watchlist', 'user_id')} FROM added)
       SELECT EXISTS (SELECT FROM wanted) AS found, EXISTS (SELECT FROM added) AS added`,
      [userId, instrumentId],
    );
    return row!;
  }

  async countOf(userId: string): Promise<number> {
    const [row] = await this.database.rows<{ count: number }>(
      `SELECT count(*)::integer AS count FROM instrument_registry WHERE user_id = $1`,
      [userId],
    );
    return row!.count;
  }

  async unfollow(userId: string, instrumentId: string): Promise<void> {
    await this.database.run(
      `WITH removed AS (DELETE FROM instrument_registry WHERE user_id = $1 AND instrument_id = $2 RETURNING user_id)
       ${appendSql('watchlist', 'user_id')} FROM removed`,
      [userId, instrumentId],
    );
  }

  async find(userId: string, instrumentId: string): Promise<FollowedRow | undefined> {
    const [row] = await this.database.rows<FollowedRow>(
      `SELECT ${INSTRUMENT_COLUMNS}, ${FOLLOWED} FROM instrument_registry r JOIN instruments i ON i.id = r.instrument_id
       WHERE r.user_id = $1 AND r.instrument_id = $2`,
      [userId, instrumentId],
    );
    return row;
  }

  /** Returns a page by the contract's id. @param after id of the last contract seen */
  list(userId: string, limit: number, after: string | undefined): Promise<FollowedRow[]> {
    return this.database.rows<FollowedRow>(
      `SELECT ${INSTRUMENT_COLUMNS}, ${FOLLOWED} FROM instrument_registry r JOIN instruments i ON i.id = r.instrument_id
       WHERE r.user_id = $1 AND ($2::uuid IS NULL OR i.id > $2) ORDER BY i.id LIMIT $3`,
      [userId, after ?? null, limit],
    );
  }

  /** Returns the followers of contracts that an import changed. */
  affectedBy(importId: string): Promise<AffectedFollower[]> {
    return this.database.rows<AffectedFollower>(
      `SELECT r.user_id AS "userId", r.instrument_id AS "instrumentId", c.action, i.exchange, i.tradingsymbol, i.name
       FROM instrument_registry r JOIN instrument_import_changes c ON c.instrument_id = r.instrument_id AND c.import_id = $1
       JOIN instruments i ON i.id = r.instrument_id ORDER BY 1, 2`,
      [importId],
    );
  }
}
