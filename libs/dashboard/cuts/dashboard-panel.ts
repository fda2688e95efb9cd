import type { z } from 'zod';
import type { Topic } from '#changes';
import type { Viewer } from './viewer.js';

/** Which keys of which topics changed since the state was loaded. Only topics that the panel names. */
export type PanelChanges = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * One panel of the dashboard. What it shows must be a pure function of the database at the snapshot it is loaded in:
 * nothing of this process, nothing of the clock, or two nodes would disagree about the same cut.
 */
export abstract class DashboardPanel<State extends object = object, View extends object = object> {
  /** Its member in `panels`. */
  abstract readonly name: string;
  /** Topics of the change feed without which its state cannot change. */
  abstract readonly topics: readonly Topic[];
  /** What `view` gives, for OpenAPI and AsyncAPI. */
  abstract readonly schema: z.ZodType;

  /**
   * The state at the open snapshot: anew, or from `previous` by what changed since. Give back `previous` itself, or parts of
   * it, where nothing differs: identity is what makes deltas cheap.
   */
  abstract load(changes: PanelChanges | undefined, previous: State | undefined): Promise<State>;

  /** Viewers with the same key see the same. */
  abstract viewKey(viewer: Viewer): string;

  /** What the viewer may see, JSON only; called once a state and key. */
  abstract view(state: State, viewer: Viewer): View;
}
