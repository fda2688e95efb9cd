import { hash, parseOptions, verify } from '@node-rs/argon2';
import { bulkhead, isBulkheadRejectedError } from 'cockatiel';
import type { Gauge, Histogram } from 'prom-client';
import { hashQueueFull } from '../auth.errors.js';
import { canonicalPassword } from './password.js';

/** Cost of argon2id. OWASP's minimum is 19 MiB, 2 passes and 1 lane: 15 ms a hash, 181 hashes/s on two cores. */
export interface HashCost {
  memoryKib: number;
  timeCost: number;
  parallelism: number;
}

/** How many hashes are computed at once, and how many may wait for that; more are refused. */
export interface HashQueue {
  concurrency: number;
  maxWaiting: number;
}

// `Algorithm` of @node-rs/argon2 is a const enum without a runtime value.
const ARGON2ID = 2;

/** How soon a refused caller may try again: a full queue of 8 is worked off in 60 ms at the default cost. */
const RETRY_AFTER_MS = 1000;

/** Hashes and verifies passwords behind a bounded queue: without it, each sign-in request could buy CPU time without limit. */
export class PasswordHasher {
  /** The hash that the password of an unknown user is verified against, so the response time is the same. */
  #decoy: Promise<string> | undefined;
  readonly #bulkhead: ReturnType<typeof bulkhead>;

  constructor(
    private readonly cost: HashCost,
    private readonly queue: HashQueue,
    private readonly depth: Gauge,
    private readonly seconds: Histogram,
  ) {
    this.#bulkhead = bulkhead(queue.concurrency, queue.maxWaiting);
  }

  /** Computes the decoy before the first login, which would otherwise take twice as long. */
  async prepare(): Promise<void> {
    this.#decoy ??= this.#hash('a password that nobody has');
    await this.#decoy;
  }

  /** @throws DomainError AUTH_BUSY */
  async hash(password: string): Promise<string> {
    return this.#queued(() => this.#hash(password));
  }

  /**
   * @param stored the user's hash; undefined if there is no such user, which gives false after the same time
   * @throws DomainError AUTH_BUSY
   */
  async verify(stored: string | undefined, password: string): Promise<boolean> {
    await this.prepare();
    const against = stored ?? (await this.#decoy!);
    const matches = await this.#queued(() => verify(against, canonicalPassword(password)));
    return matches && stored !== undefined;
  }

  /** Whether the hash has another cost than the configured one. */
  isOutdated(stored: string): boolean {
    const { algorithm, memoryCost, timeCost, parallelism } = parseOptions(stored);
    const { cost } = this;
    return (
      Number(algorithm) !== ARGON2ID ||
      memoryCost !== cost.memoryKib ||
      timeCost !== cost.timeCost ||
      parallelism !== cost.parallelism
    );
  }

  #hash(password: string): Promise<string> {
    const { memoryKib, timeCost, parallelism } = this.cost;
    return hash(canonicalPassword(password), {
      algorithm: ARGON2ID as never,
      memoryCost: memoryKib,
      timeCost,
      parallelism,
    });
  }

  async #queued<T>(job: () => Promise<T>): Promise<T> {
    const result = this.#bulkhead.execute(() => {
      const stop = this.seconds.startTimer();
      return job().finally(stop);
    });
    this.#measure();
    try {
      return await result;
    } catch (error) {
      if (isBulkheadRejectedError(error)) throw hashQueueFull(RETRY_AFTER_MS);
      throw error;
    } finally {
      this.#measure();
    }
  }

  /** Hashes running and waiting. */
  #measure(): void {
    const { concurrency, maxWaiting } = this.queue;
    const free = this.#bulkhead.executionSlots + this.#bulkhead.queueSlots;
    this.depth.set(concurrency + maxWaiting - free);
  }
}
