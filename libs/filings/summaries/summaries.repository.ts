import { Injectable } from '@nestjs/common';
import { Database } from '#database';

/** Key of a question and its answer. */
export interface SummaryKey {
  accession: string;
  promptVersion: string;
  model: string;
}

export type SummaryState = 'queued' | 'calling' | 'done' | 'failed' | 'refused' | 'over-budget';

/** The right to make one call, until the lease ends. */
export interface SummaryClaim extends SummaryKey {
  owner: string;
  generation: number;
  /** Number of attempts, including this one. */
  attempts: number;
}

export interface SummaryRow extends SummaryKey {
  state: SummaryState;
  summary: string | null;
  reason: string | null;
}

export interface SummaryResult {
  state: Exclude<SummaryState, 'calling'>;
  summary?: string;
  truncated?: boolean;
  tokensIn?: number | null;
  tokensOut?: number | null;
  costMicros?: bigint | null;
  reason?: string;
  /** Delay before the next attempt, for `queued`. */
  retryInMs?: number;
  /** True if the attempt does not count because no call was made. */
  uncounted?: boolean;
}

const KEY = `accession = $1 AND prompt_version = $2 AND model = $3`;
const CLAIMED = `t.accession, t.prompt_version AS "promptVersion", t.model, t.lease_owner AS owner, t.generation, t.attempts`;
/** A killed process leaves `calling` behind. After the lease, another process claims the row. */
const FREE = `(t.state = 'queued' AND t.next_attempt_at <= now() OR t.state = 'calling' AND t.lease_until < now())`;
const take = (leaseMs: string) =>
  `state = 'calling', lease_owner = uuidv7(), lease_until = now() + ${leaseMs} * interval '1 ms', attempts = t.attempts + 1, updated_at = now()`;

/** All SQL of filing_summaries: the queue of questions and their answers. */
@Injectable()
export class SummariesRepository {
  constructor(private readonly database: Database) {}

  /** Queues questions. Existing rows do not change. */
  async queue(accessions: readonly string[], key: Omit<SummaryKey, 'accession'>, provider: string): Promise<number> {
    return this.database.run(
      `INSERT INTO filing_summaries (accession, prompt_version, model, provider, state)
       SELECT accession, $2, $3, $4, 'queued' FROM unnest($1::text[]) AS accession ORDER BY accession
       ON CONFLICT (accession, prompt_version, model) DO NOTHING`,
      [accessions, key.promptVersion, key.model, provider],
    );
  }

  /**
   * Claims the question if it has no answer and no call in progress. One statement, so exactly one of 50 concurrent
   * callers gets it. A question refused by an earlier month's budget may be claimed again.
   * @returns null if the question cannot be claimed
   */
  async claim(
    { accession, promptVersion, model }: SummaryKey,
    provider: string,
    leaseMs: number,
    month: string,
  ): Promise<SummaryClaim | null> {
    const [claim] = await this.database.rows<SummaryClaim>(
      `INSERT INTO filing_summaries AS t (accession, prompt_version, model, provider, state, lease_owner, lease_until, attempts)
       VALUES ($1, $2, $3, $4, 'calling', uuidv7(), now() + $5 * interval '1 ms', 1)
       ON CONFLICT (accession, prompt_version, model) DO UPDATE SET ${take('$5')}
       WHERE ${FREE} OR (t.state = 'over-budget' AND t.updated_at < $6::date)
       RETURNING ${CLAIMED}`,
      [accession, promptVersion, model, provider, leaseMs, month],
    );
    return claim ?? null;
  }

  /** Claims the next due question, oldest first. */
  async claimNext(
    { promptVersion, model }: Omit<SummaryKey, 'accession'>,
    provider: string,
    leaseMs: number,
  ): Promise<SummaryClaim | null> {
    const [claim] = await this.database.rows<SummaryClaim>(
      `UPDATE filing_summaries t SET provider = $3, ${take('$4')}
       WHERE (t.accession, t.prompt_version, t.model) = (
         SELECT t.accession, t.prompt_version, t.model FROM filing_summaries t
         WHERE t.prompt_version = $1 AND t.model = $2 AND t.state IN ('queued', 'calling') AND ${FREE}
         ORDER BY t.next_attempt_at LIMIT 1 FOR UPDATE SKIP LOCKED)
       RETURNING ${CLAIMED}`,
      [promptVersion, model, provider, leaseMs],
    );
    return claim ?? null;
  }

  /** Extends the lease. @returns false if the claim was lost */
  async renew({ accession, promptVersion, model, owner, generation }: SummaryClaim, leaseMs: number): Promise<boolean> {
    const renewed = await this.database.run(
      `UPDATE filing_summaries SET lease_until = now() + $6 * interval '1 ms'
       WHERE ${KEY} AND lease_owner = $4 AND generation = $5 AND state = 'calling'`,
      [accession, promptVersion, model, owner, generation, leaseMs],
    );
    return renewed > 0;
  }

  /**
   * Stores the result of a claim. @returns false if the claim was lost to an amendment or an expired lease; nothing is
   * written then
   */
  async finish(claim: SummaryClaim, result: SummaryResult): Promise<boolean> {
    const { accession, promptVersion, model, owner, generation } = claim;
    const {
      state,
      summary,
      truncated,
      tokensIn,
      tokensOut,
      costMicros,
      reason,
      retryInMs = 0,
      uncounted = false,
    } = result;
    const written = await this.database.run(
      `UPDATE filing_summaries SET state = $6, lease_owner = NULL, lease_until = NULL, summary = $7, truncated = $8, tokens_in = $9,
         tokens_out = $10, cost_micros = $11, reason = $12, next_attempt_at = now() + $13 * interval '1 ms',
         attempts = attempts - $14::integer, made_at = CASE WHEN $6 = 'done' THEN now() END, updated_at = now()
       WHERE ${KEY} AND lease_owner = $4 AND generation = $5 AND state = 'calling'`,
      [
        ...[accession, promptVersion, model, owner, generation, state, summary ?? null, truncated ?? false],
        ...[tokensIn ?? null, tokensOut ?? null, costMicros ?? null, reason ?? null, retryInMs, uncounted ? 1 : 0],
      ],
    );
    return written > 0;
  }

  /**
   * Marks the summaries of these filings stale. Discards calls in progress and queues the questions again, also those
   * of other models or prompts, which are asked when configured again.
   * @param amended each filing with the amendment that changed it
   */
  async invalidate(amended: ReadonlyMap<string, string>): Promise<string[]> {
    if (amended.size === 0) return [];
    const rows = await this.database.rows<{ accession: string }>(
      `UPDATE filing_summaries t SET state = 'queued', generation = t.generation + 1, attempts = 0, next_attempt_at = now(),
         lease_owner = NULL, lease_until = NULL, summary = NULL, truncated = false, tokens_in = NULL, tokens_out = NULL, cost_micros = NULL,
         reason = NULL, made_at = NULL, invalidated_by = a.amendment, updated_at = now()
       FROM unnest($1::text[], $2::text[]) AS a (accession, amendment)
       WHERE t.accession = a.accession
       RETURNING t.accession`,
      [[...amended.keys()], [...amended.values()]],
    );
    return rows.map(({ accession }) => accession);
  }

  async find({ accession, promptVersion, model }: SummaryKey): Promise<SummaryRow | undefined> {
    const [row] = await this.database.rows<SummaryRow>(
      `SELECT accession, prompt_version AS "promptVersion", model, state, summary, reason FROM filing_summaries WHERE ${KEY}`,
      [accession, promptVersion, model],
    );
    return row;
  }
}
