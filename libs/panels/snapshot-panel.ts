import type { z } from 'zod';
import type { Topic } from '#changes';
import type { Viewer } from './viewer.js';

/** The keys that changed since the state was loaded, by topic. Only topics of the panel. */
export type PanelChanges = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * One panel of the dashboard. It must be a pure function of the database at its snapshot and depend neither on the process nor on
 * the clock. Otherwise two nodes would show different versions of the same cut.
 */
export abstract class SnapshotPanel<State extends object = object, View extends object = object> {
  /** Name of its member in `panels`. */
  abstract readonly name: string;
  /** Topics of the change feed. Its state changes only with a change of one of them. */
  abstract readonly topics: readonly Topic[];
  /** Schema of `view`, for OpenAPI and AsyncAPI. */
  abstract readonly schema: z.ZodType;

  /**
   * Returns the state at the open snapshot: loaded, or `previous` updated by the changes. Return `previous` itself, or parts of it,
   * if nothing differs, because deltas skip identical objects.
   */
  abstract load(changes: PanelChanges | undefined, previous: State | undefined): Promise<State>;

  /** Returns a key. Viewers with the same key have the same view. */
  abstract viewKey(viewer: Viewer): string;

  /** Returns the part that the viewer may see, as JSON values. Called once per state and key. */
  abstract view(state: State, viewer: Viewer): View;
}
