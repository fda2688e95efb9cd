import type { Answer } from '../rest/calls.js';
import type { components } from '../generated/openapi.js';
import type { DeskProblem } from '../problem.js';

/** Parameters of each panel. `{}` takes its defaults. */
export type PanelParameters = components['schemas']['DashboardParameters'];

type Dashboard = Answer<'/v1/dashboard'>;
type Shown = NonNullable<Dashboard['panels']>;

export type PanelName = keyof PanelParameters & keyof Shown & string;

/** Where a cut stands: two cuts with one id are equal. */
export type Snapshot = Dashboard['snapshot'];

type Windowed<View> = Extract<View, { order: readonly string[] }>;

/** A panel as a watch shows it: `rows` by key, their `order`, and `total`; panels without rows are one object. */
export type PanelView<N extends PanelName> = [Windowed<NonNullable<Shown[N]>>] extends [never]
  ? NonNullable<Shown[N]>
  : Windowed<NonNullable<Shown[N]>>;

/** A row of a panel. */
export type PanelRow<N extends PanelName> =
  PanelView<N> extends { rows: Readonly<Record<string, infer Row>> } ? Row : never;

/** What a watch asks for: panels by name, each with its parameters. */
export type WantedPanels<N extends PanelName = PanelName> = { [K in N]: NonNullable<PanelParameters[K]> };

/**
 * `connecting`: before the first cut. `live`: current. `stale`: connected, but the desk cannot reach its database, or sends nothing.
 * `conflated`: current, but this client read too slowly, and a full cut replaced what it missed. `reconnecting`: the connection is lost;
 * the last cut stays. `signed-out`: nobody is signed in, and no cut is kept. `refused`: the desk refused the panels; `problem` says why.
 */
export type LiveStatus = 'connecting' | 'live' | 'stale' | 'conflated' | 'reconnecting' | 'signed-out' | 'refused';

/** What a watch shows now. A new object for each change; parts that did not change keep their identity. */
export interface Current<N extends PanelName = PanelName> {
  /** Without members before the first cut. */
  readonly panels: { readonly [K in N]?: PanelView<K> };
  /** Undefined before the first cut. */
  readonly snapshot: Snapshot | undefined;
  readonly status: LiveStatus;
  /** Why it is not live, if the desk or the network said so. */
  readonly problem: DeskProblem | undefined;
}

/** A watch on some panels. It connects with its first listener and disconnects after its last. */
export interface Live<N extends PanelName = PanelName> {
  readonly current: Current<N>;
  /** When the desk last confirmed `current`, in ms since the epoch; undefined before the first cut. */
  readonly verifiedAt: number | undefined;
  /**
   * Calls the listener with each change, and at once if there is a cut. A listener that throws stops no other.
   * @returns ends the subscription
   */
  subscribe(listener: (current: Current<N>) => void): () => void;
  /** Ends every subscription. */
  close(): void;
}

export interface WatchOptions {
  /** Maximum number of changes per second, 0.1 to 10. The desk merges those in between. Default: as many as there are. */
  maxPerSecond?: number;
}

/** The document of a subscription, as the desk sends and patches it. */
export interface Cut {
  readonly snapshot: Snapshot;
  readonly panels: Readonly<Record<string, unknown>>;
}
