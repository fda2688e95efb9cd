import { Injectable } from '@nestjs/common';
import { appendSql } from '#changes';
import { Database } from '#database';
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

export type WatchlistOrder = 'id' | '-id' | 'followedAt' | '-followedAt' | 'tradingsymbol' | '-tradingsymbol';

/** What each order is by, with its type. Times to the millisecond, as a cursor has them. */
const ORDERS: Readonly<Record<string, readonly [string, string]>> = {
  id: [`''::text`, 'text'],
  followedAt: [`date_trunc('milliseconds', r.created_at)`, 'timestamptz'],
  tradingsymbol: ['i.tradingsymbol COLLATE "C"', 'text'],
};

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

  /** @param after what the order is by, and id, of the last contract seen */
  list(
    userId: string,
    sort: WatchlistOrder,
    limit: number,
    after: readonly [string, string] | undefined,
  ): Promise<FollowedRow[]> {
    const [column, type] = ORDERS[sort.replace(/^-/, '')]!;
    const [order, beyond] = sort.startsWith('-') ? ['DESC', '<'] : ['ASC', '>'];
    return this.database.rows<FollowedRow>(
      `SELECT ${INSTRUMENT_COLUMNS}, ${FOLLOWED} FROM instrument_registry r JOIN instruments i ON i.id = r.instrument_id
       WHERE r.user_id = $1 AND ($3::uuid IS NULL OR (${column}, i.id) ${beyond} ($2::text::${type}, $3))
       ORDER BY ${column} ${order}, i.id ${order} LIMIT $4`,
      [userId, after?.[0] ?? null, after?.[1] ?? null, limit],
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
