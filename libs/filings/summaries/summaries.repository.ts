import { Injectable } from '@nestjs/common';
import { Database } from '#database';

/** Which question: the key of an answer. */
export interface SummaryKey {
  accession: string;
  promptVersion: string;
  model: string;
}

export type SummaryState = 'queued' | 'calling' | 'done' | 'failed' | 'refused' | 'over-budget';

/** The right to call for one answer, until the lease ends. */
export interface SummaryClaim extends SummaryKey {
  owner: string;
  generation: number;
  /** This one included. */
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
  /** For `queued`. */
  retryInMs?: number;
  /** The attempt did not count: nobody was asked. */
  uncounted?: boolean;
}

const KEY = `accession = $1 AND prompt_version = $2 AND model = $3`;
const CLAIMED = `t.accession, t.prompt_version AS "promptVersion", t.model, t.lease_owner AS owner, t.generation, t.attempts`;
/** A caller that was killed leaves `calling` behind; when its lease is over, another takes it up. */
const FREE = `(t.state = 'queued' AND t.next_attempt_at <= now() OR t.state = 'calling' AND t.lease_until < now())`;
const take = (leaseMs: string) =>
  `state = 'calling', lease_owner = uuidv7(), lease_until = now() + ${leaseMs} * interval '1 ms', attempts = t.attempts + 1, updated_at = now()`;

/** All SQL of filing_summaries: the queue of questions, and their answers. */
@Injectable()
export class SummariesRepository {
  constructor(private readonly database: Database) {}

  /** Puts questions into the queue; those that are there stay as they are. */
  async queue(accessions: readonly string[], key: Omit<SummaryKey, 'accession'>, provider: string): Promise<number> {
    return this.database.run(
      `INSERT INTO filing_summaries (accession, prompt_version, model, provider, state)
       SELECT accession, $2, $3, $4, 'queued' FROM unnest($1::text[]) AS accession ORDER BY accession
       ON CONFLICT (accession, prompt_version, model) DO NOTHING`,
      [accessions, key.promptVersion, key.model, provider],
    );
  }

  /**
   * Takes the question for this caller if nobody has answered it and nobody is at it: one statement, so of 50 at once one
   * gets it. An answer that the last month's budget would not bear may be asked for again.
   * @returns null: look at the row
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

  /** Takes the next question of the queue, oldest first. */
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

  /** Lengthens the lease. @returns false: the claim is lost */
  async renew({ accession, promptVersion, model, owner, generation }: SummaryClaim, leaseMs: number): Promise<boolean> {
    const renewed = await this.database.run(
      `UPDATE filing_summaries SET lease_until = now() + $6 * interval '1 ms'
       WHERE ${KEY} AND lease_owner = $4 AND generation = $5 AND state = 'calling'`,
      [accession, promptVersion, model, owner, generation, leaseMs],
    );
    return renewed > 0;
  }

  /** Writes what came of a claim. @returns false: the claim was lost, to an amendment or to the end of its lease; nothing is written */
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
   * What was said of these filings is stale: whoever is calling about them calls in vain, and the questions go back into the
   * queue (those of other models or prompts too: they are asked again when those are configured again).
   * @param amended each with the amendment that changed it
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
