import { Listeners } from '../listeners.js';
import type { DeskProblem } from '../problem.js';
import { Line, type LineOptions } from './line.js';
import type { Current, Live, PanelName, WantedPanels, WatchOptions } from './panels.js';

/** A watch without listeners keeps its connection for this long, so that a screen that is drawn again does not reconnect. */
const LINGER_MS = 500;

const NO_PANELS = {};

/** Parameters of panels by name, each as JSON text. */
type Wanted = ReadonlyMap<string, string>;

/** All watches of a desk. Watches whose panels fit together share one connection, and so one cut. */
export class Watches {
  readonly #shared = new Set<SharedLine>();

  constructor(private readonly options: Omit<LineOptions, 'maxPerSecond'>) {}

  watch<N extends PanelName>(panels: WantedPanels<N>, { maxPerSecond }: WatchOptions = {}): Live<N> {
    const wanted: Wanted = new Map(
      Object.entries<object>(panels).map(([name, parameters]) => [name, JSON.stringify(parameters)]),
    );
    if (wanted.size === 0) throw new TypeError('A watch needs at least one panel.');
    return new Watch<N>(wanted, (watch, alone) => this.#join(watch, maxPerSecond, alone));
  }

  close(): void {
    for (const line of [...this.#shared]) line.close();
  }

  #join(watch: Watch, maxPerSecond: number | undefined, alone: boolean): SharedLine {
    const fitting = alone ? undefined : [...this.#shared].find((line) => line.fits(watch.wanted, maxPerSecond));
    if (fitting !== undefined) {
      fitting.add(watch);
      return fitting;
    }
    const line = new SharedLine({ ...this.options, maxPerSecond }, (ended) => this.#shared.delete(ended));
    this.#shared.add(line);
    line.add(watch);
    return line;
  }
}

/** A line and the watches that share it. Its subscription has the panels of all of them. */
class SharedLine {
  readonly line: Line;
  readonly #watches = new Set<Watch>();
  #subscribed: Wanted = new Map();
  #updating = false;
  #closed = false;
  #lingering: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly options: LineOptions,
    private readonly onEnd: (line: SharedLine) => void,
  ) {
    this.line = new Line(
      options,
      () => {
        for (const watch of [...this.#watches]) watch.update(this.line);
      },
      (problem) => this.#onRefused(problem),
    );
  }

  fits(wanted: Wanted, maxPerSecond: number | undefined): boolean {
    if (maxPerSecond !== this.options.maxPerSecond || this.line.status === 'refused') return false;
    const all = merged([...this.#watches].map((watch) => watch.wanted));
    return [...wanted].every(([name, parameters]) => (all.get(name) ?? parameters) === parameters);
  }

  add(watch: Watch): void {
    clearTimeout(this.#lingering);
    this.#watches.add(watch);
    this.#updateSoon();
  }

  remove(watch: Watch): void {
    this.#watches.delete(watch);
    clearTimeout(this.#lingering);
    if (this.#closed) return;
    this.#lingering = setTimeout(() => {
      if (this.#watches.size === 0) this.close();
      else this.#update();
    }, LINGER_MS);
  }

  /** Ends its watches, too. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#lingering);
    this.line.close();
    this.onEnd(this);
    for (const watch of [...this.#watches]) watch.close();
  }

  /** Watches that begin together subscribe together. */
  #updateSoon(): void {
    if (this.#updating) return;
    this.#updating = true;
    queueMicrotask(() => {
      this.#updating = false;
      if (!this.#closed) this.#update();
    });
  }

  #update(): void {
    const all = merged([...this.#watches].map((watch) => watch.wanted));
    if (sameEntries(all, this.#subscribed)) return;
    this.#subscribed = all;
    this.line.subscribe(Object.fromEntries([...all].map(([name, text]) => [name, JSON.parse(text) as object])));
  }

  /** One wrong watch must not stop the others: each gets a line of its own. */
  #onRefused(problem: DeskProblem): void {
    const watches = [...this.#watches];
    if (watches.length <= 1) return this.line.refuse(problem);
    for (const watch of watches.slice(1)) {
      this.#watches.delete(watch);
      watch.moveTo(true);
    }
    this.#subscribed = new Map();
    this.#update();
  }
}

class Watch<N extends PanelName = PanelName> implements Live<N> {
  current: Current<N> = { panels: NO_PANELS, snapshot: undefined, status: 'connecting', problem: undefined };
  readonly #listeners = new Listeners<[current: Current<N>]>();
  #shared: SharedLine | undefined;

  constructor(
    readonly wanted: Wanted,
    private readonly join: (watch: Watch, alone: boolean) => SharedLine,
  ) {}

  get verifiedAt(): number | undefined {
    return this.#shared?.line.verifiedAt;
  }

  subscribe(listener: (current: Current<N>) => void): () => void {
    const before = this.current;
    if (this.#shared === undefined) this.moveTo(false);
    const remove = this.#listeners.add(listener);
    if (this.current.snapshot !== undefined || this.current !== before) listener(this.current);
    return () => {
      if (remove() && this.#listeners.size === 0) this.#leave();
    };
  }

  close(): void {
    this.#listeners.clear();
    this.#leave();
  }

  /** @param alone continue on a line of its own */
  moveTo(alone: boolean): void {
    this.#shared = this.join(this as unknown as Watch, alone);
    this.update(this.#shared.line);
  }

  update({ cut, status, problem }: Line): void {
    const panels = cut === undefined ? NO_PANELS : this.#pick(cut.panels);
    // The line may hold a cut of a subscription without these panels.
    const complete = panels !== undefined;
    const next = {
      panels: complete ? panels : this.current.panels,
      snapshot: complete ? cut?.snapshot : this.current.snapshot,
      status: !complete && status === 'live' ? 'connecting' : status,
      problem,
    } as Current<N>;
    const before = this.current;
    if (
      next.panels === before.panels &&
      next.snapshot === before.snapshot &&
      next.status === before.status &&
      next.problem === before.problem
    )
      return;
    this.current = next;
    this.#listeners.notify(next);
  }

  /** The panels of this watch, the same object as before if none has changed; undefined if the cut lacks one of them. */
  #pick(shown: Readonly<Record<string, unknown>>): object | undefined {
    const before = this.current.panels as Record<string, unknown>;
    const picked: Record<string, unknown> = {};
    let same = true;
    for (const name of this.wanted.keys()) {
      if (!Object.hasOwn(shown, name)) return undefined;
      picked[name] = shown[name];
      if (before[name] !== shown[name]) same = false;
    }
    return same ? before : picked;
  }

  #leave(): void {
    this.#shared?.remove(this as unknown as Watch);
    this.#shared = undefined;
  }
}

function merged(all: readonly Wanted[]): Map<string, string> {
  return new Map(all.flatMap((wanted) => [...wanted]));
}

function sameEntries(one: Wanted, other: Wanted): boolean {
  return one.size === other.size && [...one].every(([name, text]) => other.get(name) === text);
}
