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

/** One sign-in attempt. */
export interface LoginAttempt {
  /** Time to wait before the next attempt, ms; 0 if this one may continue. */
  readonly waitMs: number;
  /** The password was right: clears the counter of the pair and takes the attempt back from the other two. */
  succeeded(): void;
  /** The password was not checked (the hash queue was full, or the database unreachable): takes the attempt back. */
  abandoned(): void;
}

const MAX_KEYS = 50_000;

/**
 * Limits password guessing by three counters. The counter of an account stops an attacker with many addresses, but must
 * not let that attacker lock the owner out: when it is full, networks the account has signed in from still pass.
 * An attempt is counted before its password is checked, so parallel guesses cannot pass, and is taken back if it was right.
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

  /** @param isKnown whether the account has signed in from this network before; called only when the counter of the account is full */
  async begin(account: string, network: string, isKnown: () => Promise<boolean>): Promise<LoginAttempt> {
    const now = this.clock();
    const pair = `${network} ${account}`;
    const waitMs = Math.max(this.#pairs.waitMs(pair, now), this.#networks.waitMs(network, now));
    if (waitMs > 0) return refused(waitMs);
    // Counted before the await below, so parallel guesses cannot pass and `isKnown` is called at most perPair times per window.
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
