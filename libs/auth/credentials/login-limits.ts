import { AttemptWindow } from './attempt-window.js';

/** Failed sign-ins allowed in one window. */
export interface LoginLimitSettings {
  windowMs: number;
  /** One account from one network. */
  perPair: number;
  /** All accounts from one network. */
  perNetwork: number;
  /** One account from all networks it has not signed in from before. */
  perAccount: number;
}

/** One sign-in as the counters see it. */
export interface LoginAttempt {
  /** Ms to wait before the next one; 0 if this one may go on. */
  readonly waitMs: number;
  /** The password was right: the pair starts afresh, and the others do not hold it against anybody. */
  succeeded(): void;
  /** It was never judged (the hash queue was full, the database away). */
  abandoned(): void;
}

const MAX_KEYS = 50_000;

/**
 * Three counters against guessing. The account's own counter stops a guesser who has many addresses, and must not let him
 * lock the owner out: once it is full, networks the account has signed in from are let through to the pair's counter.
 * An attempt is counted before its password is looked at, so parallel guesses cannot slip past, and given back if it was right.
 */
export class LoginLimits {
  readonly #pairs: AttemptWindow;
  readonly #networks: AttemptWindow;
  readonly #accounts: AttemptWindow;

  constructor(
    settings: LoginLimitSettings,
    private readonly clock: () => number = Date.now,
  ) {
    this.#pairs = new AttemptWindow(settings.perPair, settings.windowMs, MAX_KEYS);
    this.#networks = new AttemptWindow(settings.perNetwork, settings.windowMs, MAX_KEYS);
    this.#accounts = new AttemptWindow(settings.perAccount, settings.windowMs, MAX_KEYS);
  }

  /** @param isKnown whether the account has signed in from this network before; asked only when the account's counter is full */
  async begin(account: string, network: string, isKnown: () => Promise<boolean>): Promise<LoginAttempt> {
    const now = this.clock();
    const pair = `${network} ${account}`;
    const waitMs = Math.max(this.#pairs.waitMs(pair, now), this.#networks.waitMs(network, now));
    if (waitMs > 0) return refused(waitMs);
    // Counted before the await below, for the reason given above; so `isKnown` is asked perPair times a window at most.
    this.#pairs.add(pair, now);
    this.#networks.add(network, now);
    const accountWaitMs = this.#accounts.waitMs(account, now);
    if (accountWaitMs > 0 && !(await isKnown())) return refused(accountWaitMs);
    if (accountWaitMs === 0) this.#accounts.add(account, now);

    const giveBack = (): void => {
      this.#networks.refund(network);
      if (accountWaitMs === 0) this.#accounts.refund(account);
    };
    return {
      waitMs: 0,
      succeeded: () => {
        giveBack();
        this.#pairs.forget(pair);
      },
      abandoned: () => {
        giveBack();
        this.#pairs.refund(pair);
      },
    };
  }
}

function refused(waitMs: number): LoginAttempt {
  return { waitMs, succeeded: () => {}, abandoned: () => {} };
}
