import { Injectable } from '@nestjs/common';
import { appendSql } from '#changes';
import { Database } from '#database';
import { utcTimeSql } from '#time';
import type { AdjustmentView, PostAdjustment } from './rate.dto.js';

const UPSERT = `
WITH stored AS (
  INSERT INTO position_adjustments AS a (broker, instrument_key, ex_date, factor, created_by)
  VALUES ($1, $2, $3, $4::numeric, $5)
  ON CONFLICT (broker, instrument_key, ex_date) DO UPDATE
     SET factor = excluded.factor, created_by = excluded.created_by, created_at = now()
   WHERE a.factor <> excluded.factor
  RETURNING a.broker, a.instrument_key, old.broker IS NULL AS added
), fed AS (
  ${appendSql('adjustments', `broker || ' ' || instrument_key`)} FROM stored
)
SELECT added FROM stored`;

const VIEW = `a.broker, a.instrument_key AS key, a.ex_date::text AS "exDate", a.factor::text AS factor,
  a.created_by AS "createdBy", ${utcTimeSql('a.created_at')} AS "createdAt"`;

/** Stores and reads splits of contracts. */
@Injectable()
export class AdjustmentsRepository {
  constructor(private readonly database: Database) {}

  /** @returns whether the contract had none of this day */
  async store({ broker, key, exDate, factor }: PostAdjustment, userId: string): Promise<boolean> {
    const [stored] = await this.database.rows<{ added: boolean }>(UPSERT, [broker, key, exDate, factor, userId]);
    return stored?.added ?? false;
  }

  /** Returns the splits of the contracts, by broker, key and day. */
  of(contracts: readonly { broker: string; key: string }[]): Promise<AdjustmentView[]> {
    return this.database.rows<AdjustmentView>(
      `SELECT ${VIEW} FROM unnest($1::text[], $2::text[]) AS w(broker, key)
         JOIN position_adjustments a ON a.broker = w.broker AND a.instrument_key = w.key
        ORDER BY a.broker, a.instrument_key, a.ex_date`,
      [contracts.map(({ broker }) => broker), contracts.map(({ key }) => key)],
    );
  }

  /** Returns the splits (of `broker`, unless null) after (broker, key, day), in this order. */
  list(
    broker: string | null,
    after: readonly [string, string, string] | null,
    limit: number,
  ): Promise<AdjustmentView[]> {
    const [afterBroker, afterKey, afterDay] = after ?? [null, null, null];
    return this.database.rows<AdjustmentView>(
      `SELECT ${VIEW} FROM position_adjustments a
        WHERE ($1::text IS NULL OR a.broker = $1)
          AND ($2::text IS NULL OR (a.broker, a.instrument_key, a.ex_date) > ($2, $3, $4::date))
        ORDER BY a.broker, a.instrument_key, a.ex_date LIMIT $5`,
      [broker, afterBroker, afterKey, afterDay, limit],
    );
  }

  async count(): Promise<number> {
    const [row] = await this.database.rows<{ count: number }>(
      `SELECT count(*)::integer AS count FROM position_adjustments`,
    );
    return row!.count;
  }
}
