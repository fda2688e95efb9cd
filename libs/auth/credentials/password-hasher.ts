import { hash, parseOptions, verify } from '@node-rs/argon2';
import type { Gauge, Histogram } from 'prom-client';
import { hashQueueFull } from '../auth.errors.js';
import { SignInQueue, type SignInQueueSettings, type Share } from './sign-in-queue.js';
import { canonicalPassword } from './password.js';

/** Cost of argon2id. OWASP's minimum is 19 MiB, 2 passes and 1 lane: 15 ms a hash, 181 hashes/s on two cores. */
export interface HashCost {
  memoryKib: number;
  timeCost: number;
  parallelism: number;
}

// `Algorithm` of @node-rs/argon2 is a const enum without a runtime value.
const ARGON2ID = 2;

/** How soon a refused caller may try again: a full queue of 32 is worked off in 240 ms at the default cost. */
export const RETRY_AFTER_MS = 1000;

/** Hashes and verifies passwords behind a bounded queue that users share fairly: without it, each sign-in request could buy CPU time without limit. */
export class PasswordHasher {
  /** The hash that the password of an unknown user is verified against, so the response time is the same. */
  #decoy: Promise<string> | undefined;
  readonly #queue: SignInQueue;

  constructor(
    private readonly cost: HashCost,
    queue: SignInQueueSettings,
    private readonly depth: Gauge,
    private readonly seconds: Histogram,
  ) {
    this.#queue = new SignInQueue(queue, () => hashQueueFull(RETRY_AFTER_MS));
  }

  /** Computes the decoy before the first login, which would otherwise take twice as long. */
  async prepare(): Promise<void> {
    this.#decoy ??= this.#hash('a password that nobody has');
    await this.#decoy;
  }

  /** @throws DomainError AUTH_BUSY */
  async hash(share: Share, password: string): Promise<string> {
    return this.#queued(share, () => this.#hash(password));
  }

  /**
   * @param share who pays: the places of the queue are shared by address and account
   * @param stored the user's hash; undefined if there is no such user, which gives false after the same time
   * @throws DomainError AUTH_BUSY
   */
  async verify(share: Share, stored: string | undefined, password: string): Promise<boolean> {
    await this.prepare();
    const against = stored ?? (await this.#decoy!);
    const matches = await this.#queued(share, () => verify(against, canonicalPassword(password)));
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

  async #queued<T>(share: Share, job: () => Promise<T>): Promise<T> {
    const result = this.#queue.run(share, () => {
      const stop = this.seconds.startTimer();
      return job().finally(stop);
    });
    this.depth.set(this.#queue.depth);
    try {
      return await result;
    } finally {
      this.depth.set(this.#queue.depth);
    }
  }
}
