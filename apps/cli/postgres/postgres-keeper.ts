import { setTimeout as sleep } from 'node:timers/promises';
import type { PostgresProcess } from './postgres-process.js';

/**
 * Pauses before each restart, 31 s in total. Sessions of a killed postmaster end by themselves, but a session in a long
 * statement keeps the old shared memory until it ends, and PostgreSQL does not start beside it.
 */
export const RESTART_PAUSES_MS: readonly number[] = [0, 250, 500, 1_000, 2_000, 4_000, 8_000, 15_000];
/** A run of at least this duration resets the count of failures. */
const STEADY_MS = 60_000;

type Kept = Pick<PostgresProcess, 'ended' | 'hasEnded' | 'startedAt' | 'ready' | 'stop'>;

/** Restarts a PostgreSQL that ends unexpectedly. */
export class PostgresKeeper {
  /** Resolves with the reason when restarting fails. */
  readonly lost: Promise<Error>;
  private readonly keeping: Promise<void>;
  private readonly stopped = new AbortController();
  private deaths = 0;

  constructor(
    private process: Kept,
    private readonly startAgain: () => Kept,
    private readonly pausesMs: readonly number[] = RESTART_PAUSES_MS,
  ) {
    const lost = Promise.withResolvers<Error>();
    this.lost = lost.promise;
    this.keeping = this.keep(lost.resolve);
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    await this.process.stop();
    await this.keeping;
  }

  private async keep(giveUp: (why: Error) => void): Promise<void> {
    const stopping = new Promise<void>((resolve) => this.stopped.signal.addEventListener('abort', () => resolve()));
    for (;;) {
      const why = await Promise.race([this.process.ended, stopping]);
      if (why === undefined || this.stopped.signal.aborted) return;
      const diedAt = Date.now();
      if (diedAt - this.process.startedAt > STEADY_MS) this.deaths = 0;
      await say('error', { msg: 'the embedded PostgreSQL ended unasked; starting it again', reason: why });
      const failure = await this.revive();
      if (this.stopped.signal.aborted) return;
      if (failure) return giveUp(failure);
      await say('warn', { msg: 'the embedded PostgreSQL runs again', afterMs: Date.now() - diedAt });
    }
  }

  /** @returns why not */
  private async revive(): Promise<Error | undefined> {
    let failure = new Error('The embedded PostgreSQL ends after each start.');
    while (this.deaths < this.pausesMs.length) {
      await sleep(this.pausesMs[this.deaths++], undefined, { signal: this.stopped.signal }).catch(() => undefined);
      if (this.stopped.signal.aborted) return undefined;
      try {
        this.process = this.startAgain();
        await this.process.ready();
        return undefined;
      } catch (error) {
        failure = error as Error;
        if (!this.process.hasEnded) await this.process.stop();
        if (!this.stopped.signal.aborted)
          await say('warn', {
            msg: 'the embedded PostgreSQL did not start',
            attempt: this.deaths,
            of: this.pausesMs.length,
          });
      }
    }
    return failure;
  }
}

/** The server's log. Loaded on the first line, so that a start does not wait for Nest. */
async function say(level: 'warn' | 'error', message: object): Promise<void> {
  const { Logger } = await import('@nestjs/common');
  new Logger('Postgres')[level](message);
}
