import { unref } from '../host.js';
import type { DeskProblem } from '../problem.js';
import type { Session } from '../session/session.js';
import { Connection } from './connection.js';
import type { Cut, LiveStatus } from './panels.js';
import { applyPatch, type PatchOperation } from './patch.js';
import { reuse } from './reuse.js';
import type { OpenWire } from './wire.js';

/** The desk sends a frame at least every 5 s. After this time without one the cut counts as stale, in ms. */
const STALE_AFTER_MS = 11_000;
/** After this time without a frame the connection counts as dead, in ms. */
const DEAD_AFTER_MS = 16_000;
/** How long a watch says that a full cut replaced what it missed, in ms. */
const CONFLATED_MS = 5_000;

interface Body extends Cut {
  source: 'database' | 'cache' | 'stale';
  ageMs: number;
}

interface Delta {
  from: string;
  to: string;
  patch: PatchOperation[];
}

interface Flow {
  state: string;
  dropped?: number;
}

export interface LineOptions {
  openWire: OpenWire;
  url: string;
  session: Session;
  maxPerSecond: number | undefined;
}

/** One socket with one subscription: holds the cut and keeps it equal to what REST answers at its id. */
export class Line {
  readonly #connection: Connection;
  readonly #pauseMs: number;
  readonly #watchdog: ReturnType<typeof setInterval>;
  #held: Cut | undefined;
  #status: LiveStatus = 'connecting';
  #problem: DeskProblem | undefined;
  #up = false;
  /** The desk said that it cannot reach its database. */
  #outage = false;
  #conflatedUntil = 0;
  #lastFrameAt = 0;
  #verifiedAt: number | undefined;
  /** Deltas do not continue the cut. A full cut is on its way. */
  #lost = false;
  #panels: object = {};

  constructor(
    private readonly options: LineOptions,
    private readonly onChange: () => void,
    /** Called when the desk refuses the panels. */
    private readonly onRefused: (problem: DeskProblem) => void,
  ) {
    this.#pauseMs = options.maxPerSecond === undefined ? 0 : 2_000 / options.maxPerSecond;
    this.#connection = new Connection(options.openWire, options.url, options.session, {
      onConnecting: () => {
        if (this.#status === 'signed-out') this.#say('connecting');
      },
      onUp: () => {
        this.#lastFrameAt = Date.now();
        this.#up = true;
        this.#ask('dashboard:subscribe');
      },
      onDown: (problem) => this.#lose(problem),
      onSignedOut: (problem) => {
        this.#held = this.#verifiedAt = undefined;
        this.#up = false;
        this.#say('signed-out', problem);
      },
      onMessage: (event, message) => this.#take(event, message),
    });
    this.#watchdog = setInterval(() => this.#watch(), 1_000);
    unref(this.#watchdog);
  }

  get cut(): Cut | undefined {
    return this.#held;
  }
  get status(): LiveStatus {
    return this.#status;
  }
  get problem(): DeskProblem | undefined {
    return this.#problem;
  }
  get verifiedAt(): number | undefined {
    return this.#verifiedAt;
  }

  /** Replaces the panels of the subscription. Deltas of the old ones go on until the cut of the new ones arrives. */
  subscribe(panels: object): void {
    this.#panels = panels;
    if (this.#up) this.#ask('dashboard:subscribe');
  }

  close(): void {
    clearInterval(this.#watchdog);
    this.#up = false;
    this.#connection.close();
  }

  #ask(event: 'dashboard:subscribe' | 'dashboard:resync'): void {
    const { maxPerSecond } = this.options;
    const pace = maxPerSecond === undefined ? {} : { maxPerSecond };
    const message = event === 'dashboard:subscribe' ? { panels: this.#panels, ...pace } : {};
    this.#connection.ask(event, message, (body, problem) => {
      if (problem === undefined) this.#replace(body as Body);
      else if (problem.status >= 500 || problem.status === 429) this.#connection.restart(problem.retryAfterMs);
      // The desk no longer knows the subscription.
      else if (event === 'dashboard:resync') this.#ask('dashboard:subscribe');
      else this.onRefused(problem);
    });
  }

  /** Says that the desk refused the panels. */
  refuse(problem: DeskProblem): void {
    this.#say('refused', problem);
  }

  #take(event: string, message: never): void {
    this.#lastFrameAt = Date.now();
    if (event === 'dashboard:delta') this.#apply(message);
    else if (event === 'dashboard:snapshot') this.#replace(message);
    else if (event === 'dashboard:heartbeat') this.#confirm(message);
    else this.#takeFlow(message);
  }

  #apply({ from, to, patch }: Delta): void {
    if (this.#lost || this.#held === undefined) return;
    if (from !== this.#held.snapshot.id) return this.#resync();
    try {
      const next = applyPatch(this.#held, patch);
      if (next.snapshot.id !== to) return this.#resync();
      this.#held = next;
    } catch {
      return this.#resync();
    }
    this.#verify(0);
  }

  #resync(): void {
    this.#lost = true;
    this.#ask('dashboard:resync');
  }

  #replace({ snapshot, panels, source, ageMs }: Body): void {
    this.#lost = false;
    this.#held = reuse(this.#held, { snapshot, panels });
    this.#outage = source === 'stale';
    this.#verify(ageMs);
  }

  #confirm({ id, source, ageMs }: { id: string; source: string; ageMs: number }): void {
    if (this.#lost || this.#held === undefined) return;
    if (id !== this.#held.snapshot.id) return this.#resync();
    this.#outage = source === 'stale';
    this.#verify(ageMs);
  }

  #takeFlow({ state }: Flow): void {
    if (state === 'conflated') this.#conflatedUntil = Date.now() + CONFLATED_MS;
    else if (state === 'stale' || state === 'live') this.#outage = state === 'stale';
    if (this.#held !== undefined) this.#say(this.#connected());
  }

  #verify(ageMs: number): void {
    this.#verifiedAt = Date.now() - ageMs;
    this.#say(this.#connected());
  }

  #lose(problem: DeskProblem | undefined): void {
    this.#up = false;
    this.#lost = false;
    this.#say(this.#held === undefined ? 'connecting' : 'reconnecting', problem);
  }

  /** The status of a connection with a cut. */
  #connected(): LiveStatus {
    if (!this.#up) return this.#status;
    const now = Date.now();
    if (this.#outage || now - this.#lastFrameAt > STALE_AFTER_MS + this.#pauseMs) return 'stale';
    return now < this.#conflatedUntil ? 'conflated' : 'live';
  }

  #watch(): void {
    if (!this.#up || this.#held === undefined) return;
    if (Date.now() - this.#lastFrameAt > DEAD_AFTER_MS + this.#pauseMs) return this.#connection.restart(0);
    const status = this.#connected();
    if (status !== this.#status) this.#say(status);
  }

  #say(status: LiveStatus, problem?: DeskProblem): void {
    this.#status = status;
    this.#problem = problem;
    this.onChange();
  }
}
