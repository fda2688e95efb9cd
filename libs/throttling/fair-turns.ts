export interface TurnLimits {
  /** Maximum number of requests of one owner that run at once. */
  perOwner: number;
  /** Maximum number of requests that run at once, of all owners. */
  total: number;
  /** Maximum number of requests of one owner that wait. */
  waiting: number;
}

/** Ends a turn. Calls after the first have no effect. */
export type EndTurn = () => void;

interface Owner {
  running: number;
  waiting: ((end: EndTurn) => void)[];
}

/**
 * Decides which request runs next. Owners are served in rotation, so the queue of one owner delays no other owner. An
 * owner without a request is forgotten, so memory is proportional to the requests in progress.
 */
export class FairTurns {
  #running = 0;
  #waiting = 0;
  /** In the order in which owners get the next free place. */
  readonly #owners = new Map<string, Owner>();

  constructor(readonly limits: TurnLimits) {}

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** The most requests of one owner that run. */
  get busiest(): number {
    let busiest = 0;
    for (const { running } of this.#owners.values()) busiest = Math.max(busiest, running);
    return busiest;
  }

  /**
   * Returns at once if the request may run, else resolves when it may.
   * @param gone aborts when the client stops waiting; the promise then never resolves. Read only if the request waits
   * @returns a function that ends the turn; undefined if the owner's queue is full
   */
  take(owner: string, gone?: () => AbortSignal): EndTurn | Promise<EndTurn> | undefined {
    let state = this.#owners.get(owner);
    if (state === undefined) this.#owners.set(owner, (state = { running: 0, waiting: [] }));
    if (state.running < this.limits.perOwner && this.#running < this.limits.total) return this.#start(owner, state);
    if (state.waiting.length >= this.limits.waiting) return undefined;
    const { promise, resolve } = Promise.withResolvers<EndTurn>();
    state.waiting.push(resolve);
    this.#waiting += 1;
    gone?.().addEventListener('abort', () => this.#leave(owner, resolve), { once: true });
    return promise;
  }

  #start(name: string, owner: Owner): EndTurn {
    owner.running += 1;
    this.#running += 1;
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      owner.running -= 1;
      this.#running -= 1;
      // To the end of the order, so that the free place goes to another owner.
      this.#owners.delete(name);
      if (owner.running > 0 || owner.waiting.length > 0) this.#owners.set(name, owner);
      this.#startNext();
    };
  }

  #startNext(): void {
    for (const [name, owner] of this.#owners) {
      if (this.#running >= this.limits.total) return;
      if (owner.waiting.length === 0 || owner.running >= this.limits.perOwner) continue;
      this.#waiting -= 1;
      owner.waiting.shift()!(this.#start(name, owner));
      return;
    }
  }

  #leave(name: string, resolve: (end: EndTurn) => void): void {
    const owner = this.#owners.get(name);
    const at = owner?.waiting.indexOf(resolve) ?? -1;
    if (owner === undefined || at < 0) return;
    owner.waiting.splice(at, 1);
    this.#waiting -= 1;
    if (owner.running === 0 && owner.waiting.length === 0) this.#owners.delete(name);
  }
}
