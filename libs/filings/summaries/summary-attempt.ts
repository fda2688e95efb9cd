import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Transactions } from '#database';
import { Policies, type Policy } from '#resilience';
import type { CallSettlement } from './budget.repository.js';
import { FilingDocuments } from '../edgar/filing-documents.js';
import type { FilingSummarizer, SummaryAnswer, SummaryQuestion } from './filing-summarizer.js';
import { Filings } from '../filings.js';
import { filingsConfig, type FilingsConfig } from '../filings.config.js';
import { FilingsReadRepository, type FilingView } from '../filings-read.repository.js';
import { SummariesRepository, type SummaryClaim, type SummaryResult } from './summaries.repository.js';
import { SummaryBudget } from './summary-budget.js';
import { costMicros, mostMicros } from './summary-price.js';
import { cleanAnswer, promptFor } from './summary-prompt.js';
import { SummaryProvider } from './summary-provider.js';
import { mayCost, reasonOf, tryAgain } from './summary-verdict.js';
import type { SubmissionText } from '../edgar/submission.js';

/** Added to the model timeout. Longer than fetching a document takes, so a caller that exceeds it is dead. */
const LEASE_SLACK_MS = 90_000;

/**
 * One attempt at one summary: document, budget, call, settlement. Holds no transaction open while it waits for the
 * network.
 */
@Injectable()
export class SummaryAttempt {
  private readonly policy: Policy;

  constructor(
    private readonly summaries: SummariesRepository,
    private readonly filings: FilingsReadRepository,
    private readonly register: Filings,
    private readonly documents: FilingDocuments,
    private readonly provider: SummaryProvider,
    private readonly budget: SummaryBudget,
    private readonly transactions: Transactions,
    @Inject(filingsConfig.token) private readonly config: FilingsConfig,
    policies: Policies,
  ) {
    // No retries here, because each call costs money. The queue schedules the next attempt.
    this.policy = policies.policy('filings:summaries', {
      timeoutMs: config.timeoutMs,
      // A call that is ended early is paid for.
      minTimeoutMs: config.timeoutMs / 2,
      retries: 0,
      concurrency: config.concurrency,
      queue: 1_000,
    });
  }

  /** Lifetime of a claim that is not renewed. */
  get leaseMs(): number {
    return this.config.timeoutMs + LEASE_SLACK_MS;
  }

  /** @throws errors of #egress, #resilience and the summarizer, after the budget is settled */
  async run(
    claim: SummaryClaim,
    summarizer: FilingSummarizer,
    signal: AbortSignal | undefined,
  ): Promise<SummaryResult> {
    if (claim.attempts > this.config.attempts)
      return { state: 'failed', reason: `given up after ${this.config.attempts} attempts` };
    const filing = await this.filings.find(claim.accession);
    if (filing === undefined) return { state: 'failed', reason: 'the filing is gone' };
    // Without budget, the document is not fetched either.
    const least = this.mostOf(this.questionOf(filing, ''));
    const document =
      this.budget.leftMicros(await this.budget.current()) >= least ? await this.read(filing, signal) : undefined;
    const question = this.questionOf(
      (document && (await this.filings.find(claim.accession))) ?? filing,
      document?.text ?? '',
    );
    if (!(await this.summaries.renew(claim, this.leaseMs))) return { state: 'queued', reason: 'amended meanwhile' };
    const reserved = this.mostOf(question);
    const callId = await this.budget.openCall(claim, summarizer.provider, reserved);
    if (callId === null) return { state: 'over-budget', reason: 'the budget of the month is spent', uncounted: true };
    const answer = await this.call(callId, reserved, () =>
      this.policy.execute((attempt) => summarizer.summarise(question, attempt), signal && { signal }),
    );
    const settlement = this.settlementOf(answer, reserved);
    await this.budget.settle(callId, settlement);
    const { tokensIn, tokensOut, costMicros: cost } = settlement;
    return {
      tokensIn,
      tokensOut,
      costMicros: cost,
      truncated: document?.truncated ?? false,
      ...this.resultOf(answer, claim),
    };
  }

  /** Fetches the document and registers header fields that the feed lacks, above all the report date. */
  private async read(filing: FilingView, signal: AbortSignal | undefined): Promise<SubmissionText> {
    const document = await this.documents.read(filing, signal);
    const { accession, form, filedOn, filedAt } = filing;
    const { filers, reportDate } = document.header;
    await this.transactions.atomic(() =>
      this.register.register([{ accession, form, filedOn, filedAt, filers, reportDate, items: document.items }]),
    );
    return document;
  }

  private async call(callId: string, reserved: bigint, ask: () => Promise<SummaryAnswer>): Promise<SummaryAnswer> {
    try {
      return await ask();
    } catch (error) {
      const spent = mayCost(error)
        ? { countedMicros: reserved, costMicros: null }
        : { countedMicros: 0n, costMicros: 0n };
      await this.budget.settle(callId, {
        outcome: 'failed',
        ...spent,
        tokensIn: null,
        tokensOut: null,
        reason: reasonOf(error),
      });
      throw error;
    }
  }

  private settlementOf(answer: SummaryAnswer, reserved: bigint): CallSettlement {
    const { tokensIn, tokensOut } = answer;
    const known = tokensIn !== null && tokensOut !== null;
    const { price, countedPrice } = this.provider;
    return {
      outcome: answer.outcome === 'answered' ? 'done' : answer.outcome === 'refused' ? 'refused' : 'failed',
      countedMicros: known ? costMicros(countedPrice, tokensIn, tokensOut) : reserved,
      costMicros: known && price !== null ? costMicros(price, tokensIn, tokensOut) : null,
      tokensIn,
      tokensOut,
      reason: answer.outcome === 'answered' ? undefined : answer.reason,
    };
  }

  private resultOf(answer: SummaryAnswer, { attempts }: SummaryClaim): SummaryResult {
    if (answer.outcome === 'refused') return { state: 'refused', reason: answer.reason };
    const summary = answer.outcome === 'answered' ? cleanAnswer(answer.text) : '';
    return summary === ''
      ? tryAgain('the answer was empty', attempts, this.config.attempts)
      : { state: 'done', summary };
  }

  private questionOf(filing: FilingView, document: string): SummaryQuestion {
    const nonce = randomBytes(9).toString('hex');
    return { ...promptFor(filing, document, nonce), maxOutputTokens: this.config.maxOutputTokens };
  }

  private mostOf({ instructions, question, maxOutputTokens }: SummaryQuestion): bigint {
    return mostMicros(this.provider.countedPrice, instructions + question, maxOutputTokens);
  }
}
