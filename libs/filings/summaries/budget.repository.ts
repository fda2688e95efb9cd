import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { SummaryKey } from './summaries.repository.js';

export interface BudgetMonth {
  month: string;
  reservedMicros: string;
  spentMicros: string;
  hits: string;
  misses: string;
  shared: string;
  refused: string;
  exhaustedAt: Date | null;
}

/** Result of a call. `countedMicros` is the amount counted against the budget. */
export interface CallSettlement {
  outcome: 'done' | 'failed' | 'refused' | 'discarded';
  countedMicros: bigint;
  costMicros: bigint | null;
  tokensIn: number | null;
  tokensOut: number | null;
  reason?: string | undefined;
}

export interface ModelUsage {
  model: string;
  provider: string;
  calls: number;
  unpriced: number;
  tokensIn: string;
  tokensOut: string;
  costMicros: string;
}

const MONTH = `month, reserved_micros AS "reservedMicros", spent_micros AS "spentMicros", hits, misses, shared, refused, exhausted_at AS "exhaustedAt"`;

/** All SQL of filing_budget_months and filing_summary_calls. */
@Injectable()
export class BudgetRepository {
  constructor(private readonly database: Database) {}

  /**
   * Reserves an amount if the month's budget covers it together with all calls in progress. The row lock serializes
   * concurrent reservations, so together they never exceed the budget.
   * @returns the month after the reservation, or null if not enough is left
   */
  async reserve(month: string, micros: bigint, budgetMicros: bigint): Promise<BudgetMonth | null> {
    await this.database.run(`INSERT INTO filing_budget_months (month) VALUES ($1) ON CONFLICT (month) DO NOTHING`, [
      month,
    ]);
    const [row] = await this.database.rows<BudgetMonth>(
      `UPDATE filing_budget_months SET reserved_micros = reserved_micros + $2, misses = misses + 1
       WHERE month = $1 AND spent_micros + reserved_micros + $2 <= $3 RETURNING ${MONTH}`,
      [month, micros, budgetMicros],
    );
    return row ?? null;
  }

  /** Counts a refused call. @returns the month, and whether it is the first refusal of the month */
  async refuse(month: string): Promise<BudgetMonth & { first: boolean }> {
    const [row] = await this.database.rows<BudgetMonth & { first: boolean }>(
      `UPDATE filing_budget_months SET refused = refused + 1, exhausted_at = coalesce(exhausted_at, now())
       WHERE month = $1 RETURNING ${MONTH}, refused = 1 AS first`,
      [month],
    );
    return row!;
  }

  async open(key: SummaryKey, provider: string, month: string, micros: bigint): Promise<string> {
    const [row] = await this.database.rows<{ id: string }>(
      `INSERT INTO filing_summary_calls (accession, prompt_version, model, provider, month, outcome, reserved_micros)
       VALUES ($1, $2, $3, $4, $5, 'open', $6) RETURNING id`,
      [key.accession, key.promptVersion, key.model, provider, month, micros],
    );
    return row!.id;
  }

  /** Counts the open calls of a killed process in full, because they may have been charged. */
  async abandon({ accession, promptVersion, model }: SummaryKey): Promise<void> {
    await this.database.run(
      `WITH left_open AS (
         UPDATE filing_summary_calls SET outcome = 'abandoned', counted_micros = reserved_micros, settled_at = now(),
           reason = 'the process that called was gone'
         WHERE accession = $1 AND prompt_version = $2 AND model = $3 AND outcome = 'open'
         RETURNING month, reserved_micros)
       UPDATE filing_budget_months m SET reserved_micros = m.reserved_micros - l.micros, spent_micros = m.spent_micros + l.micros
       FROM (SELECT month, sum(reserved_micros)::bigint AS micros FROM left_open GROUP BY month) l WHERE m.month = l.month`,
      [accession, promptVersion, model],
    );
  }

  /** Replaces a reservation by the amount spent. A call that was given up meanwhile keeps its amount. */
  async settle(callId: string, settlement: CallSettlement): Promise<BudgetMonth | null> {
    const { outcome, countedMicros, costMicros, tokensIn, tokensOut, reason } = settlement;
    const [row] = await this.database.rows<BudgetMonth>(
      `WITH settled AS (
         UPDATE filing_summary_calls SET outcome = $2, counted_micros = $3, cost_micros = $4, tokens_in = $5, tokens_out = $6, reason = $7,
           settled_at = now()
         WHERE id = $1 AND outcome = 'open' RETURNING month, reserved_micros)
       UPDATE filing_budget_months m SET reserved_micros = m.reserved_micros - s.reserved_micros, spent_micros = m.spent_micros + $3
       FROM settled s WHERE m.month = s.month RETURNING ${MONTH.replace(/^month/, 'm.month').replace('reserved_micros AS', 'm.reserved_micros AS')}`,
      [callId, outcome, countedMicros, costMicros, tokensIn, tokensOut, reason ?? null],
    );
    return row ?? null;
  }

  /** Counts a request that needed no call. */
  async answered(month: string, how: 'hits' | 'shared'): Promise<void> {
    await this.database.run(
      `INSERT INTO filing_budget_months (month, ${how}) VALUES ($1, 1)
       ON CONFLICT (month) DO UPDATE SET ${how} = filing_budget_months.${how} + 1`,
      [month],
    );
  }

  async find(month: string): Promise<BudgetMonth | undefined> {
    const [row] = await this.database.rows<BudgetMonth>(`SELECT ${MONTH} FROM filing_budget_months WHERE month = $1`, [
      month,
    ]);
    return row;
  }

  usage(month: string): Promise<ModelUsage[]> {
    return this.database.rows<ModelUsage>(
      `SELECT model, provider, count(*)::integer AS calls, count(*) FILTER (WHERE cost_micros IS NULL AND counted_micros > 0)::integer AS unpriced,
         coalesce(sum(tokens_in), 0)::text AS "tokensIn", coalesce(sum(tokens_out), 0)::text AS "tokensOut",
         coalesce(sum(cost_micros), 0)::text AS "costMicros"
       FROM filing_summary_calls WHERE month = $1 GROUP BY model, provider ORDER BY model, provider`,
      [month],
    );
  }
}
