import { Injectable } from '@nestjs/common';
import { appendSql } from '#changes';
import { Database } from '#database';
import type { OrderKey } from '#text';
import { utcTimeSql } from '#time';
import type { VenueName } from '#venues';
import type { PositionFacts } from './valuation/facts.js';
import type { DayRoll } from './valuation/session-days.js';

/** A position of a stored snapshot. Its venue is that of the portfolio if it names none. */
export type StoredPosition = PositionFacts & { venue?: VenueName };

/** A stored snapshot, as it was sent. */
export interface PortfolioRow {
  portfolioId: string;
  userId: string;
  broker: string;
  account: string;
  currency: string;
  cash: string;
  cashBalances: { currency: string; amount: string }[];
  asOf: string;
  updatedAt: string;
  venue: VenueName | null;
  dayRoll: DayRoll | null;
  value: string | null;
  dayPnl: string | null;
  dayFees: string | null;
  /** When it was closed; null while it is open. */
  closedAt: string | null;
  positions: StoredPosition[];
}

const ROW = `p.portfolio_id AS "portfolioId", p.user_id AS "userId", p.broker, p.account, p.currency, p.cash::text AS cash,
  p.cash_balances AS "cashBalances", ${utcTimeSql('p.as_of', 6)} AS "asOf", ${utcTimeSql('p.updated_at', 6)} AS "updatedAt",
  p.venue, p.day_roll AS "dayRoll", p.given_value::text AS value, p.given_day_pnl::text AS "dayPnl", p.day_fees::text AS "dayFees",
  ${utcTimeSql('p.closed_at', 6)} AS "closedAt", p.positions`;

/** The broker's key of a contract. */
export interface ContractKey {
  broker: string;
  key: string;
}

/** Filters of a page. Undefined does not filter. */
export interface PortfolioFilter {
  userIds?: readonly string[] | undefined;
  brokers?: readonly string[] | undefined;
  currencies?: readonly string[] | undefined;
  closed: boolean;
  sort: string;
  after?: OrderKey | undefined;
  limit: number;
}

const ORDERS = {
  portfolioId: null,
  broker: ['p.broker COLLATE "C"', 'text'],
  positions: ['p.position_count', 'integer'],
  asOf: ['p.as_of', 'timestamptz'],
  updatedAt: ['p.updated_at', 'timestamptz'],
} as const;

const REMOVE_TIMEOUT_MS = 60_000;

/** A user who has portfolios. */
export interface PortfolioOwner {
  userId: string;
  /** Whether the user is an operator or admin. */
  operator: boolean;
}

/** How much of the quotas a user has used. */
export interface PortfolioUsage {
  portfolios: number;
  /** Positions in all portfolios. */
  positions: number;
  /** Those of the sent portfolios that the user has: their positions, and whether they are older than what was sent. */
  sent: Record<string, { positions: number; older: boolean }>;
}

/** A portfolio that this transaction has locked. */
export interface LockedPortfolio {
  userId: string;
  broker: string;
  account: string;
  closedAt: string | null;
}

/** Reads portfolios. Lists are sorted by id in "C" (by byte), so their order is the same on every machine. */
@Injectable()
export class PortfoliosRepository {
  constructor(private readonly database: Database) {}

  /** Stored snapshots, sorted by id. For cuts of all users: the caller decides who may see which. */
  rows({ ids, userId }: { ids?: readonly string[]; userId?: string | undefined } = {}): Promise<PortfolioRow[]> {
    return this.database.rows<PortfolioRow>(
      `SELECT ${ROW} FROM portfolio_snapshots p
        WHERE ($1::text[] IS NULL OR p.portfolio_id = ANY($1)) AND ($2::uuid IS NULL OR p.user_id = $2)
        ORDER BY p.portfolio_id COLLATE "C"`,
      [ids, userId],
    );
  }

  /** One page of stored snapshots. */
  page({ userIds, brokers, currencies, closed, sort, after, limit }: PortfolioFilter): Promise<PortfolioRow[]> {
    const params: unknown[] = [limit];
    const keyset = Database.keyset(params, sort, ORDERS, ['p.portfolio_id COLLATE "C"', 'text'], after);
    const conditions = Database.conditions(params, [
      ['p.user_id = ANY ', userIds, 'uuid[]'],
      ['p.broker = ANY ', brokers, 'text[]'],
      ['p.currency = ANY ', currencies, 'text[]'],
    ]);
    const where = [`p.closed_at IS ${closed ? 'NOT ' : ''}NULL`, ...conditions, ...keyset.after].join(' AND ');
    return this.database.rows<PortfolioRow>(
      `SELECT ${ROW} FROM portfolio_snapshots p WHERE ${where} ORDER BY ${keyset.orderBy} LIMIT $1`,
      params,
    );
  }

  /** Open portfolios with their number of contracts, sorted by id. @param ids default: all */
  sizes(ids?: readonly string[]): Promise<{ id: string; userId: string; contracts: number }[]> {
    return this.database.rows(
      `SELECT p.portfolio_id AS id, p.user_id AS "userId", cardinality(p.position_keys) AS contracts FROM portfolio_snapshots p
        WHERE p.closed_at IS NULL AND ($1::text[] IS NULL OR p.portfolio_id = ANY($1)) ORDER BY p.portfolio_id COLLATE "C"`,
      [ids],
    );
  }

  /** Open portfolios that have positions, with the number of them, sorted by id. @param from the id of the first one */
  holding(filter: { userId?: string | undefined; id?: string | undefined; from?: string | undefined; limit: number }) {
    return this.database.rows<{ id: string; positions: number }>(
      `SELECT p.portfolio_id AS id, p.position_count AS positions FROM portfolio_snapshots p
        WHERE p.closed_at IS NULL AND p.position_count > 0 AND ($1::uuid IS NULL OR p.user_id = $1)
          AND ($2::text IS NULL OR p.portfolio_id = $2) AND ($3::text IS NULL OR p.portfolio_id COLLATE "C" >= $3)
        ORDER BY p.portfolio_id COLLATE "C" LIMIT $4`,
      [filter.userId, filter.id, filter.from, filter.limit],
    );
  }

  /** @param userId the owner it must have; undefined for any */
  async find(id: string, userId?: string): Promise<PortfolioRow | undefined> {
    return (await this.rows({ ids: [id], userId }))[0];
  }

  /** What decides the session days of a portfolio. @param userId the owner it must have; undefined for any */
  async rollOf(id: string, userId?: string): Promise<Pick<PortfolioRow, 'venue' | 'dayRoll'> | undefined> {
    const [row] = await this.database.rows<Pick<PortfolioRow, 'venue' | 'dayRoll'>>(
      `SELECT venue, day_roll AS "dayRoll" FROM portfolio_snapshots WHERE portfolio_id = $1 AND ($2::uuid IS NULL OR user_id = $2)`,
      [id, userId],
    );
    return row;
  }

  /** Returns the users that exist with whether they are operators, in the order of their ids. None is removed before the transaction ends. */
  owners(userIds: readonly string[]): Promise<PortfolioOwner[]> {
    return this.database.rows<PortfolioOwner>(
      `SELECT u.id AS "userId", u.roles && ARRAY['operator', 'admin'] AS operator FROM users u WHERE u.id = ANY($1::uuid[]) ORDER BY u.id FOR KEY SHARE`,
      [userIds],
    );
  }

  /**
   * What a user has, closed portfolios included. Adds the counts of the portfolios and reads no positions: 0.6 ms
   * for 500 portfolios, 5 to 9 ms for 10,000, and 80 ms if all 10,000 are sent.
   * @param sent snapshots that may replace portfolios of the user
   */
  async usageOf(userId: string, sent: readonly { portfolioId: string; asOf: string }[]): Promise<PortfolioUsage> {
    const [row] = await this.database.rows<PortfolioUsage>(
      `SELECT count(*)::integer AS portfolios, coalesce(sum(p.position_count), 0)::integer AS positions,
              coalesce(jsonb_object_agg(p.portfolio_id, jsonb_build_object('positions', p.position_count, 'older', p.as_of < s.as_of))
                         FILTER (WHERE s.id IS NOT NULL), '{}') AS sent
         FROM portfolio_snapshots p LEFT JOIN unnest($2::text[], $3::timestamptz[]) AS s(id, as_of) ON s.id = p.portfolio_id
        WHERE p.user_id = $1`,
      [userId, sent.map(({ portfolioId }) => portfolioId), sent.map(({ asOf }) => asOf)],
    );
    return row!;
  }

  /** Locks a portfolio, for its removal or to close it. @param userId the owner it must have; undefined for any */
  async lock(id: string, userId?: string): Promise<LockedPortfolio | undefined> {
    const [row] = await this.database.rows<LockedPortfolio>(
      `SELECT user_id AS "userId", broker, account, ${utcTimeSql('closed_at', 6)} AS "closedAt" FROM portfolio_snapshots
        WHERE portfolio_id = $1 AND ($2::uuid IS NULL OR user_id = $2) FOR UPDATE`,
      [id, userId],
    );
    return row;
  }

  /** Closes or reopens a locked portfolio and appends to the change feed. @returns when it was closed; null if it is open */
  async setClosed(id: string, closed: boolean): Promise<string | null> {
    const [row] = await this.database.rows<{ closedAt: string | null }>(
      `WITH changed AS (UPDATE portfolio_snapshots SET closed_at = CASE WHEN $2::boolean THEN now() END, updated_at = now()
                         WHERE portfolio_id = $1 RETURNING portfolio_id, closed_at),
            fed AS (${appendSql('portfolios', 'portfolio_id')} FROM changed)
       SELECT ${utcTimeSql('closed_at', 6)} AS "closedAt" FROM changed`,
      [id, closed],
    );
    return row!.closedAt;
  }

  /** Removes a locked portfolio and its history and appends to the change feed. A year of points takes seconds, hence the longer limit. */
  async remove(id: string): Promise<void> {
    await this.database.run(`SET LOCAL statement_timeout = ${REMOVE_TIMEOUT_MS}`);
    await this.database.run(
      `WITH gone AS (DELETE FROM portfolio_snapshots WHERE portfolio_id = $1 RETURNING portfolio_id),
            past AS (DELETE FROM portfolio_history WHERE portfolio_id = $1)
       ${appendSql('portfolios', 'portfolio_id')} FROM gone`,
      [id],
      REMOVE_TIMEOUT_MS + 2_000,
    );
  }

  /** Removes the users' portfolios and their history and appends to the change feed. For `demo clear`. @returns how many */
  removeOfUsers(userIds: readonly string[]): Promise<number> {
    return this.database.run(
      `WITH gone AS (DELETE FROM portfolio_snapshots WHERE user_id = ANY($1::uuid[]) RETURNING portfolio_id),
            past AS (DELETE FROM portfolio_history WHERE portfolio_id IN (SELECT portfolio_id FROM gone)),
            fed AS (${appendSql('portfolios', 'portfolio_id')} FROM gone)
       SELECT FROM gone`,
      [userIds],
    );
  }
}
