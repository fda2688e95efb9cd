import { Background } from '#background';
import type { LimitReport } from '#throttling';
import { AttemptWindow } from './attempt-window.js';
import { type AttemptKeys, COUNTERS, type SharedAttempts, type SharedVerdict } from './shared-attempts.js';

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
 *
 * With Redis the counters are those of all processes. While it does not answer, each process counts alone and allows its share
 * of what was left of each limit only, so more processes give an attacker no more guesses.
 */
export class LoginLimits {
  readonly #windows: Record<(typeof COUNTERS)[number], AttemptWindow>;
  readonly #refused = { pair: 0, network: 0, account: 0 };

  constructor(
    private readonly settings: LoginLimitSettings,
    private readonly clock: () => number = Date.now,
    private readonly shared?: SharedAttempts,
  ) {
    const window = (limit: number) => new AttemptWindow(limit, settings.windowMs, MAX_KEYS);
    this.#windows = {
      pair: window(settings.perPair),
      network: window(settings.perNetwork),
      account: window(settings.perAccount),
    };
    shared?.peers.onJoin(() => shared.report(this.#counted()));
  }

  /** @param isKnown whether the account has signed in from this network before; called only when the counter of the account is full */
  async begin(account: string, network: string, isKnown: () => Promise<boolean>): Promise<LoginAttempt> {
    const keys = this.#keysOf(account, network);
    const { waitMs, accountWaitMs } = (await this.#beginTogether(keys)) ?? this.#beginAlone(keys);
    if (waitMs > 0) return refused(waitMs);
    // The attempt is counted by now, so parallel guesses cannot pass and `isKnown` is called at most perPair times per window.
    if (accountWaitMs > 0 && !(await isKnown())) {
      this.#refused.account += 1;
      return refused(accountWaitMs);
    }
    return {
      waitMs: 0,
      succeeded: () => this.#end(keys, true, accountWaitMs === 0),
      abandoned: () => this.#end(keys, false, accountWaitMs === 0),
    };
  }

  /** The state of the limits, for operators. */
  reports(): LimitReport[] {
    const now = this.clock();
    const per = { pair: 'account and address', network: 'address', account: 'account' } as const;
    return COUNTERS.map((counter) => ({
      name: `auth.failed_sign_ins_per_${counter}`,
      limit: this.#windows[counter].limit,
      per: per[counter],
      scope: 'cluster',
      counted: this.shared?.peers.joined ? 'redis' : 'process',
      used: this.#windows[counter].peak(now),
      refusals: this.#refused[counter],
    }));
  }

  /** Learns what the other processes counted, so that a process that loses Redis knows who has used up a limit. */
  @Background({
    name: 'auth-attempts',
    every: 1_000,
    role: 'every-process',
    whenReadOnly: 'run',
    when: ({ shared }: LoginLimits) => shared !== undefined,
  })
  async learn(): Promise<void> {
    const now = this.clock();
    for (const { counter, key, count, own, leftMs } of (await this.shared?.changes()) ?? [])
      this.#windows[counter].adopt(key, count, own, now + leftMs);
  }

  /** Accounts and addresses in memory. */
  get size(): number {
    return COUNTERS.reduce((size, counter) => size + this.#windows[counter].size, 0);
  }

  /** @returns undefined if this process counts alone */
  async #beginTogether(keys: AttemptKeys): Promise<Waits | undefined> {
    const { windowMs, perPair, perNetwork, perAccount } = this.settings;
    const verdict = await this.shared?.begin(keys, windowMs, [perPair, perNetwork, perAccount]);
    if (verdict === undefined) return undefined;
    this.#adopt(keys, verdict.counts);
    if (verdict.waitMs > 0) this.#refused[verdict.counts.pair.count >= perPair ? 'pair' : 'network'] += 1;
    return verdict;
  }

  #beginAlone(keys: AttemptKeys): Waits {
    const now = this.clock();
    const waitOf = (counter: (typeof COUNTERS)[number]): number => {
      const processes = this.shared?.peers.sharers;
      return this.#windows[counter].waitMs(keys[counter], now, processes);
    };
    const [pairMs, networkMs] = [waitOf('pair'), waitOf('network')];
    if (pairMs > 0 || networkMs > 0) {
      this.#refused[pairMs > 0 ? 'pair' : 'network'] += 1;
      return { waitMs: Math.max(pairMs, networkMs), accountWaitMs: 0 };
    }
    const accountWaitMs = waitOf('account');
    for (const counter of COUNTERS)
      if (counter !== 'account' || accountWaitMs === 0) this.#windows[counter].add(keys[counter], now);
    return { waitMs: 0, accountWaitMs };
  }

  /** @param right whether the password was right */
  #end(keys: AttemptKeys, right: boolean, ofAccount: boolean): void {
    const { pair, network, account } = this.#windows;
    network.refund(keys.network);
    if (ofAccount) account.refund(keys.account);
    if (right) pair.forget(keys.pair);
    else pair.refund(keys.pair);
    void this.shared?.end(keys, right, ofAccount).then((counts) => counts && this.#adopt(keys, counts));
  }

  /** Hashes where the processes share them. */
  #keysOf(account: string, network: string): AttemptKeys {
    const name = (text: string): string => this.shared?.peers.nameOf(text) ?? text;
    return { pair: name(`${network} ${account}`), network: name(network), account: name(account) };
  }

  #adopt(keys: AttemptKeys, counts: SharedVerdict['counts']): void {
    const now = this.clock();
    for (const counter of COUNTERS) {
      const { count, own, leftMs } = counts[counter];
      this.#windows[counter].adopt(keys[counter], count, own, now + leftMs);
    }
  }

  *#counted() {
    const now = this.clock();
    for (const counter of COUNTERS) for (const open of this.#windows[counter].open(now)) yield { counter, ...open };
  }
}

interface Waits {
  waitMs: number;
  accountWaitMs: number;
}

function refused(waitMs: number): LoginAttempt {
  return { waitMs, succeeded: () => {}, abandoned: () => {} };
}
