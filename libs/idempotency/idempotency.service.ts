import { Inject, Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { Database, databaseReadOnly, postgresError, Transactions } from '#database';
import { databaseConfig, type DatabaseConfig } from '#database/config';
import { DomainError } from '#errors';
import { idempotencyConfig, type IdempotencyConfig } from './idempotency.config.js';
import { answerNotKept, inProgress, keyReused } from './idempotency.errors.js';
import { IdempotencyKeysRepository, type KeyedRequest, type UsedKey } from './idempotency-keys.repository.js';
import { type Outcome, REQUESTS } from './idempotency.metrics.js';
import { type Answer, keptAnswer } from './kept-answer.js';
import { KeyTurns } from './key-turns.js';

const OUTCOMES: Readonly<Record<string, Outcome>> = {
  IDEMPOTENCY_KEY_REUSED: 'reused',
  IDEMPOTENCY_IN_PROGRESS: 'in_progress',
  IDEMPOTENCY_ANSWER_NOT_KEPT: 'not_kept',
};
/** lock_timeout or statement_timeout has passed, whichever is lower. */
const WAITED_TOO_LONG = new Set(['55P03', '57014']);

/** Another attempt is needed only when the key is removed or released between two statements. */
const MAX_TRIES = 10;

/** Runs the work of a key once, and gives its answer to every repetition. */
@Injectable()
export class IdempotencyService {
  private readonly turns = new KeyTurns();

  constructor(
    private readonly keys: IdempotencyKeysRepository,
    private readonly transactions: Transactions,
    private readonly database: Database,
    @Inject(idempotencyConfig.token) private readonly config: IdempotencyConfig,
    @Inject(databaseConfig.token) private readonly databaseConfig: DatabaseConfig,
    @InjectMetric(REQUESTS) private readonly requests: Counter<'outcome'>,
  ) {}

  /**
   * The key, the effect and the answer are written in one transaction: after a crash all three exist, or none. Work that throws
   * is rolled back and nothing is stored. Work joins the transaction, and may run again on 40001/40P01.
   * @param secrets names of answer fields that are never stored
   * @throws DomainError IDEMPOTENCY_KEY_REUSED (422), IDEMPOTENCY_IN_PROGRESS, IDEMPOTENCY_ANSWER_NOT_KEPT (409), and the errors of `work`
   */
  async once(
    request: KeyedRequest,
    work: () => Promise<Answer>,
    secrets: readonly string[] = [],
  ): Promise<{ answer: Answer; replayed: boolean }> {
    try {
      const result = await this.turns.take(
        `${request.ownerId} ${request.key}`,
        this.databaseConfig.lockTimeoutMs,
        () => inProgress(request.key),
        () =>
          this.database.readOnly
            ? this.readOnly(request)
            : this.transactions.atomic(() => this.inTransaction(request, work, secrets)),
      );
      this.requests.inc({ outcome: result.replayed ? 'replayed' : 'fresh' });
      return result;
    } catch (error) {
      this.requests.inc({ outcome: (error instanceof DomainError && OUTCOMES[error.code]) || 'failed' });
      throw error;
    }
  }

  private async inTransaction(request: KeyedRequest, work: () => Promise<Answer>, secrets: readonly string[]) {
    const used = await this.claim(request);
    if (used) return replay(request, used);
    const answer = await work();
    await this.keys.keep(request.ownerId, request.key, keptAnswer(answer, secrets, this.config.maxAnswerBytes));
    return { answer, replayed: false };
  }

  /** @returns undefined once the key is ours */
  private async claim(request: KeyedRequest): Promise<UsedKey | undefined> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      if (await this.waited(request.key, () => this.keys.claim(request, this.config.retentionMs))) return undefined;
      const used = await this.keys.find(request.ownerId, request.key);
      if (used && !used.isExpired) return used;
      // An expired key is taken over. A key that is neither found nor claimed was removed in between, so it is free.
      if (used && (await this.waited(request.key, () => this.keys.takeOver(request, this.config.retentionMs))))
        return undefined;
    }
    throw inProgress(request.key);
  }

  private async waited<T>(key: string, statement: () => Promise<T>): Promise<T> {
    return statement().catch((error: unknown) => {
      throw WAITED_TOO_LONG.has(postgresError(error)?.code ?? '') ? inProgress(key, error) : error;
    });
  }

  /** In read-only mode a stored answer is still given; new work is refused. */
  private async readOnly(request: KeyedRequest): Promise<{ answer: Answer; replayed: boolean }> {
    const used = await this.keys.find(request.ownerId, request.key);
    if (!used || used.isExpired) throw databaseReadOnly();
    return replay(request, used);
  }
}

function replay({ key, operation, fingerprint }: KeyedRequest, used: UsedKey): { answer: Answer; replayed: boolean } {
  if (!used.fingerprint.equals(fingerprint)) throw keyReused(key, used.operation, operation);
  const body: unknown = used.json === null ? undefined : JSON.parse(used.json);
  if (used.leftOut !== null) throw answerNotKept(key, used.leftOut, used.status, body);
  return { answer: { status: used.status, body }, replayed: true };
}
