import { hash, parseOptions, verify } from '@node-rs/argon2';
import type { Gauge, Histogram } from 'prom-client';
import { hashQueueFull } from '../auth.errors.js';
import { canonicalPassword } from './password.js';
import { QueueFull, type WorkQueue } from './work-queue.js';

/** argon2id's cost; OWASP's minimum is 19 MiB, 2 passes, 1 lane: 15 ms, 181 hashes/s on two cores. */
export interface HashCost {
  memoryKib: number;
  timeCost: number;
  parallelism: number;
}

// `Algorithm` of @node-rs/argon2 is a const enum without a runtime value.
const ARGON2ID = 2;

/** Hashes and verifies passwords behind a bounded queue: without it, login is a way to buy all our CPU for one request each. */
export class PasswordHasher {
  /** What an unknown user's password is verified against, so that the time is the same. */
  #decoy: Promise<string> | undefined;

  constructor(
    private readonly cost: HashCost,
    private readonly queue: WorkQueue,
    private readonly depth: Gauge,
    private readonly seconds: Histogram,
  ) {}

  /** Makes the decoy ahead of the first login, which would otherwise take twice as long. */
  async prepare(): Promise<void> {
    this.#decoy ??= this.#hash('a password that nobody has');
    await this.#decoy;
  }

  /** @throws DomainError AUTH_BUSY */
  async hash(password: string): Promise<string> {
    return this.#queued(() => this.#hash(password));
  }

  /**
   * @param stored the user's hash, undefined if there is no such user: false then, after the same time
   * @throws DomainError AUTH_BUSY
   */
  async verify(stored: string | undefined, password: string): Promise<boolean> {
    await this.prepare();
    const against = stored ?? (await this.#decoy!);
    const matches = await this.#queued(() => verify(against, canonicalPassword(password)));
    return matches && stored !== undefined;
  }

  /** Whether the hash was made at another cost than today's. */
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
    try {
      return await this.queue.run(async () => {
        this.depth.set(this.queue.depth);
        const stop = this.seconds.startTimer();
        return await job().finally(stop);
      });
    } catch (error) {
      if (error instanceof QueueFull) throw hashQueueFull(1000);
      throw error;
    } finally {
      this.depth.set(this.queue.depth);
    }
  }
}
