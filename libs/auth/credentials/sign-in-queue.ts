import { HeldPlaces } from './held-places.js';

/** Whose work a job is: an address, and the account within it. */
export interface Share {
  network: string;
  account: string;
}

export interface SignInQueueSettings {
  /** Jobs that run at once. */
  concurrency: number;
  /** Maximum number of waiting jobs in total. */
  maxWaiting: number;
  /** Jobs of one account that wait or run. */
  maxPerAccount: number;
}

/** One text for both parts of a share. */
export function shareKey({ network, account }: Share): string {
  return JSON.stringify([network, account]);
}

interface Waiting {
  start(): void;
  refuse(): void;
}

/** Jobs by account, then by network. Both maps are in the order of their next turn. */
type Accounts = Map<string, Waiting[]>;

/**
 * Runs a bounded number of jobs and shares the places by address and account: networks are served in rotation, and
 * accounts within a network too. When all places are taken, a job of a network (or account) with fewer waiting jobs
 * displaces the newest job of the one with most. In a queue without shares, 40 parallel sign-ins of one user held all
 * places, and 34 of 40 sign-ins of other users were refused.
 */
export class SignInQueue {
  readonly #networks = new Map<string, Accounts>();
  readonly #held: HeldPlaces;
  #running = 0;
  #waiting = 0;

  /** @param full makes the error of a job for which there is no place; nothing of the job has run */
  constructor(
    private readonly settings: SignInQueueSettings,
    private readonly full: () => Error,
  ) {
    this.#held = new HeldPlaces(settings.maxPerAccount);
  }

  /** Jobs running and waiting. */
  get depth(): number {
    return this.#running + this.#waiting;
  }

  /** @throws the error of `full` at once, or later when another job displaces this one */
  async run<T>(share: Share, job: () => Promise<T>): Promise<T> {
    const key = shareKey(share);
    if (!this.#held.take(key)) throw this.full();
    try {
      await this.#enter(share);
      try {
        return await job();
      } finally {
        this.#leave();
      }
    } finally {
      this.#held.give(key);
    }
  }

  /** Resolves when the job may run. The place of an ended job is passed on in the same tick of the event loop. */
  async #enter(share: Share): Promise<void> {
    if (this.#running < this.settings.concurrency) {
      this.#running += 1;
      return;
    }
    if (this.#waiting >= this.settings.maxWaiting && !this.#displace(share)) throw this.full();
    await new Promise<void>((resolve, reject) => {
      this.#add(share, { start: resolve, refuse: () => reject(this.full()) });
    });
  }

  #leave(): void {
    const next = this.#next();
    if (next === undefined) this.#running -= 1;
    else next.start();
  }

  #add({ network, account }: Share, job: Waiting): void {
    let accounts = this.#networks.get(network);
    if (accounts === undefined) this.#networks.set(network, (accounts = new Map()));
    const jobs = accounts.get(account);
    if (jobs === undefined) accounts.set(account, [job]);
    else jobs.push(job);
    this.#waiting += 1;
  }

  /** Takes the oldest job of the account whose turn it is, and puts its network and account last. */
  #next(): Waiting | undefined {
    for (const [network, accounts] of this.#networks) {
      for (const [account, jobs] of accounts) {
        const job = jobs.shift()!;
        accounts.delete(account);
        if (jobs.length > 0) accounts.set(account, jobs);
        this.#networks.delete(network);
        if (accounts.size > 0) this.#networks.set(network, accounts);
        this.#waiting -= 1;
        return job;
      }
    }
    return undefined;
  }

  /**
   * Refuses the newest job of the network or account with most waiting jobs, if it has at least two more than the
   * newcomer. @returns whether it did
   */
  #displace({ network, account }: Share): boolean {
    const [greedy, accounts] = mostOf(this.#networks, sizeOf);
    if (greedy === undefined || accounts === undefined) return false;
    if (greedy !== network && sizeOf(accounts) < sizeOf(this.#networks.get(network)) + 2) return false;
    const [name, jobs] = mostOf(accounts, (waiting) => waiting.length);
    if (name === undefined || jobs === undefined) return false;
    if (greedy === network && jobs.length < (accounts.get(account)?.length ?? 0) + 2) return false;
    const newest = jobs.pop()!;
    if (jobs.length === 0) accounts.delete(name);
    if (accounts.size === 0) this.#networks.delete(greedy);
    this.#waiting -= 1;
    newest.refuse();
    return true;
  }
}

function sizeOf(accounts: Accounts | undefined): number {
  let size = 0;
  for (const jobs of accounts?.values() ?? []) size += jobs.length;
  return size;
}

function mostOf<T>(entries: ReadonlyMap<string, T>, size: (entry: T) => number): [string | undefined, T | undefined] {
  let most: [string | undefined, T | undefined] = [undefined, undefined];
  let largest = 0;
  for (const [key, entry] of entries) {
    const length = size(entry);
    if (length > largest) [most, largest] = [[key, entry], length];
  }
  return most;
}
