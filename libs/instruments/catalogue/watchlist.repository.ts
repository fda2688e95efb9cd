import { Injectable } from '@nestjs/common';
import { appendSql } from '#changes';
import { Database } from '#database';
import type { OrderKey } from '#text';
import { utcTimeSql } from '#time';
import { type ContractState, contractStateSql } from './contract-state.js';
import { INSTRUMENT_COLUMNS, type InstrumentRow } from '../masters/instrument-row.js';

/** A followed contract. */
export interface FollowedRow extends InstrumentRow {
  followedAt: string;
}

/** A follower of a contract that an import changed, with the contract before and after it. */
export interface AffectedFollower {
  userId: string;
  instrumentId: string;
  action: 'update' | 'relist' | 'delist';
  before: ContractState;
  after: ContractState;
}

const FOLLOWED = `${utcTimeSql('r.created_at')} AS "followedAt"`;

/** What each order is by. Times to the millisecond, as a cursor has them. */
const ORDERS = {
  id: null,
  followedAt: [`date_trunc('milliseconds', r.created_at)`, 'timestamptz'],
  tradingsymbol: ['i.tradingsymbol COLLATE "C"', 'text'],
} as const;

/** The SQL of followers (`instrument_registry`). */
@Injectable()
export class WatchlistRepository {
  constructor(private readonly database: Database) {}

  /**
   * Follows a contract and appends to the change feed, in one statement. Locks the row of one that is followed, so that it
   * is still there when the transaction reads it. @returns whether there is such an instrument, and whether it was added
   */
  async follow(userId: string, instrumentId: string): Promise<{ found: boolean; added: boolean }> {
    const [row] = await this.database.rows<{ found: boolean; added: boolean }>(
      `WITH wanted AS (SELECT id FROM instruments WHERE id = $2), kept AS (
         INSERT INTO instrument_registry AS r (user_id, instrument_id) SELECT $1, id FROM wanted
         ON CONFLICT (user_id, instrument_id) DO UPDATE SET created_at = r.created_at RETURNING user_id, xmax = 0 AS added
       ), told AS (${appendSql('watchlist', 'user_id')} FROM kept WHERE added)
       SELECT EXISTS (SELECT FROM wanted) AS found, EXISTS (SELECT FROM kept WHERE added) AS added`,
      [userId, instrumentId],
    );
    return row!;
  }

  /** Follows contracts. @returns the ids of existing contracts, and the number of those added */
  async followMany(userId: string, instrumentIds: readonly string[]): Promise<{ found: string[]; added: number }> {
    const [row] = await this.database.rows<{ found: string[]; added: number }>(
      `WITH wanted AS (SELECT id FROM instruments WHERE id = ANY ($2::uuid[])), added AS (
         INSERT INTO instrument_registry (user_id, instrument_id) SELECT $1, id FROM wanted ORDER BY id ON CONFLICT DO NOTHING RETURNING user_id
       ), told AS (${appendSql('watchlist', 'user_id::text', { distinct: true })} FROM added)
       SELECT ARRAY(SELECT id::text FROM wanted) AS found, (SELECT count(*)::integer FROM added) AS added`,
      [userId, instrumentIds],
    );
    return row!;
  }

  /** @returns the number of contracts that the user followed */
  async unfollowMany(userId: string, instrumentIds: readonly string[]): Promise<number> {
    const [row] = await this.database.rows<{ removed: number }>(
      `WITH removed AS (
         DELETE FROM instrument_registry WHERE user_id = $1 AND instrument_id = ANY ($2::uuid[]) RETURNING user_id
       ), told AS (${appendSql('watchlist', 'user_id::text', { distinct: true })} FROM removed)
       SELECT count(*)::integer AS removed FROM removed`,
      [userId, instrumentIds],
    );
    return row!.removed;
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

  list(userId: string, sort: string, limit: number, after: OrderKey | undefined): Promise<FollowedRow[]> {
    const params: unknown[] = [userId, limit];
    const keyset = Database.keyset(params, sort, ORDERS, ['i.id', 'uuid'], after);
    return this.database.rows<FollowedRow>(
      `SELECT ${INSTRUMENT_COLUMNS}, ${FOLLOWED} FROM instrument_registry r JOIN instruments i ON i.id = r.instrument_id
       WHERE ${['r.user_id = $1', ...keyset.after].join(' AND ')} ORDER BY ${keyset.orderBy} LIMIT $2`,
      params,
    );
  }

  /** Returns the followers of contracts that an import changed. */
  affectedBy(importId: string): Promise<AffectedFollower[]> {
    return this.database.rows<AffectedFollower>(
      `SELECT r.user_id AS "userId", r.instrument_id AS "instrumentId", c.action,
              ${contractStateSql('b')} AS before, ${contractStateSql('i')} AS after
       FROM instrument_registry r JOIN instrument_import_changes c ON c.instrument_id = r.instrument_id AND c.import_id = $1
         JOIN instruments i ON i.id = r.instrument_id
         CROSS JOIN LATERAL jsonb_populate_record(NULL::instruments, c.before) b
       WHERE c.action <> 'adopt' ORDER BY 1, 2`,
      [importId],
    );
  }
}
