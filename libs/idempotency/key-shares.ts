import { Inject, Injectable, Logger } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { Background, Retention } from '#background';
import { idempotencyConfig, type IdempotencyConfig } from './idempotency.config.js';
import { IdempotencyKeysRepository } from './idempotency-keys.repository.js';
import { FORGOTTEN } from './idempotency.metrics.js';

const EVERY_MS = 300_000;
/** Rows per statement, which take 0.16 s. A million expired keys are removed in 32 s. */
const BATCH = 5_000;

type ForgottenReason = 'expired' | 'keys' | 'bytes';

/** Removes expired keys, and the keys and answers of a principal above its share: every 5 min, in batches. */
@Injectable()
export class KeyShares {
  private readonly logger = new Logger('Idempotency');

  constructor(
    private readonly keys: IdempotencyKeysRepository,
    retention: Retention,
    @Inject(idempotencyConfig.token) private readonly config: IdempotencyConfig,
    @InjectMetric(FORGOTTEN) private readonly forgotten: Counter<'reason'>,
  ) {
    retention.keep({
      table: 'idempotency_keys',
      every: EVERY_MS,
      batch: BATCH,
      remove: async (limit) => this.count('expired', await keys.deleteExpired(limit)),
    });
  }

  /** Forgets the oldest keys above a principal's number of keys, and the oldest answers above its bytes. */
  @Background({ name: 'idempotency-shares', every: EVERY_MS, role: 'worker', whenReadOnly: 'pause' })
  async trim(signal: AbortSignal, batch = BATCH): Promise<void> {
    const { maxKeysPerPrincipal: maxKeys, maxBytesPerPrincipal: maxBytes } = this.config;
    for (const ownerId of await this.keys.findHeavy(maxKeys, maxBytes)) {
      await this.inBatches('keys', batch, signal, () => this.keys.deleteBeyond(ownerId, maxKeys, batch));
      await this.inBatches('bytes', batch, signal, () => this.keys.dropAnswersBeyond(ownerId, maxBytes, batch));
      this.logger.warn({
        msg: 'principal exceeds its share of idempotency keys or answers; the oldest are removed early',
        ownerId,
      });
    }
  }

  private async inBatches(
    reason: ForgottenReason,
    batch: number,
    signal: AbortSignal,
    step: () => Promise<number>,
  ): Promise<void> {
    for (let done = batch; done >= batch && !signal.aborted;) done = this.count(reason, await step());
  }

  private count(reason: ForgottenReason, rows: number): number {
    this.forgotten.inc({ reason }, rows);
    return rows;
  }
}
