import { createRequire } from 'node:module';
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { withTimeout } from '#resilience';

/** Pause before a statement that completes a job is repeated, and the number of attempts: one minute in total. */
const REPEAT_MS = 500;
const ATTEMPTS = 120;

/** graphile-worker's own statement; its first argument holds the runner's options. */
type Release = (runner: { _rawOptions: { pgPool: pg.Pool } }, ...more: unknown[]) => Promise<void>;

interface PendingRelease {
  done: Promise<void>;
  /** Of its last attempt; undefined during the first. */
  error: unknown;
}

/** The releases of each runner, found by its pool. */
const ofPool = new WeakMap<pg.Pool, JobReleases>();

/**
 * The statements of one runner that complete a job or record its failure, repeated while their connection is lost. graphile-worker 0.17
 * does not await them: their error would be an unhandled rejection, which ends the process, and a stop would leave them behind.
 */
export class JobReleases {
  private readonly pending = new Set<PendingRelease>();
  private readonly ended = new AbortController();

  /** @param onGivenUp called with the error of a release that was given up: its job runs again later */
  constructor(
    pool: pg.Pool,
    private readonly onGivenUp: (error: unknown) => void,
  ) {
    repeatReleases();
    ofPool.set(pool, this);
  }

  /**
   * Waits for the releases that are under way, and gives up those that last longer than `ms`. Called after the runner has stopped
   * and before its pool ends.
   */
  async finish(ms: number): Promise<void> {
    await withTimeout(Promise.all([...this.pending].map(({ done }) => done)), ms, () => undefined);
    this.ended.abort();
    for (const { error } of this.pending) this.onGivenUp(error);
  }

  /** Runs a release until it succeeds. Never rejects. */
  async repeat(release: () => Promise<void>): Promise<void> {
    // A job that ignored its signal ends after the runner.
    if (this.ended.signal.aborted) return release().catch(this.onGivenUp);
    const pending: PendingRelease = { done: Promise.resolve(), error: undefined };
    pending.done = this.attempt(release, pending);
    this.pending.add(pending);
    await pending.done;
    this.pending.delete(pending);
  }

  private async attempt(release: () => Promise<void>, pending: PendingRelease): Promise<void> {
    for (let attempt = 1; !this.ended.signal.aborted; attempt++) {
      try {
        return await release();
      } catch (error) {
        if (attempt === ATTEMPTS) return this.onGivenUp(error);
        pending.error = error;
        await delay(REPEAT_MS, undefined, { signal: this.ended.signal }).catch(() => undefined);
      }
    }
  }
}

let replaced = false;

/** Replaces graphile-worker's own statements, once in a process. */
function repeatReleases(): void {
  if (replaced) return;
  replaced = true;
  const require = createRequire(import.meta.url);
  for (const [file, name] of [
    ['completeJobs', 'batchCompleteJobs'],
    ['failJobs', 'batchFailJobs'],
  ] as const) {
    const statements = require(`graphile-worker/dist/sql/${file}.js`) as Record<string, Release>;
    const release = statements[name]!;
    statements[name] = (runner, ...more) =>
      ofPool.get(runner._rawOptions.pgPool)!.repeat(() => release(runner, ...more));
  }
}
