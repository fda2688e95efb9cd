import { type BeforeApplicationShutdown, Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { Database, Startup } from '#database';
import { idempotencyConfig, type IdempotencyConfig } from './idempotency.config.js';
import { IdempotencyKeysRepository } from './idempotency-keys.repository.js';
import { FORGOTTEN } from './idempotency.metrics.js';

const EVERY_MS = 300_000;
/** Rows a statement: 0.16 s. A million expired keys are gone in 32 s. */
const CHUNK = 5_000;

export interface Forgotten {
  expired: number;
  /** Keys removed early, because their owner has too many. */
  keys: number;
  /** Answers dropped early, because their owner's are too large together. */
  bytes: number;
}

/** Removes keys whose time is over, and what one principal has beyond his share: every 5 min, in chunks. */
@Injectable()
export class KeyExpiry implements OnModuleInit, BeforeApplicationShutdown {
  private readonly logger = new Logger(KeyExpiry.name);
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  private sweeping: Promise<void> | undefined;

  constructor(
    private readonly keys: IdempotencyKeysRepository,
    private readonly database: Database,
    private readonly startup: Startup,
    @Inject(idempotencyConfig.token) private readonly config: IdempotencyConfig,
    @InjectMetric(FORGOTTEN) private readonly forgotten: Counter<'reason'>,
  ) {}

  onModuleInit(): void {
    // A start that failed for good is told by whoever runs it.
    void this.startup.whenReady().then(
      () => this.later(),
      () => undefined,
    );
  }

  /** Before the pools are closed, and not under work that is on its way. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.sweeping;
  }

  /** @param chunk rows a statement */
  async sweep(chunk = CHUNK): Promise<Forgotten> {
    const { maxKeysPerPrincipal, maxBytesPerPrincipal } = this.config;
    const gone: Forgotten = { expired: 0, keys: 0, bytes: 0 };
    if (this.database.readOnly) return gone;
    gone.expired = await this.inChunks('expired', chunk, () => this.keys.deleteExpired(chunk));
    for (const ownerId of this.stopped ? [] : await this.keys.findHeavy(maxKeysPerPrincipal, maxBytesPerPrincipal)) {
      gone.keys += await this.inChunks('keys', chunk, () =>
        this.keys.deleteBeyond(ownerId, maxKeysPerPrincipal, chunk),
      );
      gone.bytes += await this.inChunks('bytes', chunk, () =>
        this.keys.dropAnswersBeyond(ownerId, maxBytesPerPrincipal, chunk),
      );
      this.logger.warn({
        msg: 'a principal has more idempotency keys or answers than its share; the oldest are forgotten early',
        ownerId,
      });
    }
    return gone;
  }

  private async inChunks(reason: keyof Forgotten, chunk: number, step: () => Promise<number>): Promise<number> {
    let sum = 0;
    for (let done = chunk; done >= chunk && !this.stopped; sum += done) {
      done = await step();
      this.forgotten.inc({ reason }, done);
    }
    return sum;
  }

  private later(): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.sweeping = this.sweep()
        .then(
          (gone) => this.logger.debug({ msg: 'idempotency keys forgotten', ...gone }),
          // No harm: an expired key is taken over by whoever uses it next.
          (error: unknown) =>
            this.logger.warn({
              msg: 'old idempotency keys could not be removed; tried again',
              nextMs: EVERY_MS,
              err: error,
            }),
        )
        .then(() => this.later());
    }, EVERY_MS).unref();
  }
}
