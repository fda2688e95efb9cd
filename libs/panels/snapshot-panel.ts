import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { publishSchemas } from '#schemas';
import type { Topic } from '#changes';
import type { RowWindow } from './row-window.js';
import type { Viewer } from './viewer.js';

/** The keys that changed since the state was loaded, by topic. Only topics of the panel. */
export type PanelChanges = ReadonlyMap<string, ReadonlySet<string>>;

const noParameters = z.strictObject({});
publishSchemas({ NoParameters: noParameters });

/**
 * One panel of the dashboard. It must be a pure function of the database at its snapshot and depend neither on the process nor on
 * the clock. Otherwise two nodes would show different versions of the same cut.
 *
 * A panel has two forms. The list form (`view`) shows all rows as arrays. The window form (`window`) takes parameters and shows
 * rows by key beside their order, so that the change of a row is the same text in every window.
 */
export abstract class SnapshotPanel<State extends object = object, View extends object = object> {
  /** Name of its member in `panels`. */
  abstract readonly name: string;
  /** Topics of the change feed. Its state changes only with a change of one of them. */
  abstract readonly topics: readonly Topic[];
  /** Schema of `view`, for OpenAPI and AsyncAPI. */
  abstract readonly schema: z.ZodType;
  /** Whether it is shown only to those who name it: it may have many rows, and windows are the way to look at them. */
  readonly onlyByName: boolean = false;
  /** Parameters of the window form. All members are optional or have defaults. */
  readonly parameters: z.ZodType = noParameters;
  /** Schema of the window form; undefined if it equals the list form. */
  readonly windowSchema: z.ZodType | undefined = undefined;

  /**
   * Returns the state at the open snapshot: loaded, or `previous` updated by the changes. Return `previous` itself, or parts of it,
   * if nothing differs, because deltas skip identical objects.
   * @param loaded the states, at this snapshot, of the panels before it in the order of the app: for a panel that is derived from another
   */
  abstract load(
    changes: PanelChanges | undefined,
    previous: State | undefined,
    loaded: ReadonlyMap<string, object>,
  ): Promise<State>;

  /** In how many parts `isCurrent` looks at a state. A check takes one after the other, so that no cut takes as long as the first. */
  partsOf(_state: State): number {
    return 1;
  }

  /**
   * Whether a part of the state is what loading at the open snapshot gives. It is not if a write did not use the change feed.
   * Compares whole states, from which all views are made.
   * @param loaded as for `load`
   */
  async isCurrent(state: State, loaded: ReadonlyMap<string, object>, _part: number): Promise<boolean> {
    return isDeepStrictEqual(state, await this.load(undefined, undefined, loaded));
  }

  /** Returns a key. Viewers with the same key and parameters have the same view. */
  abstract viewKey(viewer: Viewer, parameters?: object): string;

  /** Returns the part that the viewer may see, as JSON values. Called once per state and key. */
  abstract view(state: State, viewer: Viewer): View;

  /** Returns what the viewer sees with these parameters, as `parameters` parsed them. Called once per state, key and parameters. */
  window(state: State, viewer: Viewer, _parameters: object): RowWindow | object {
    return this.view(state, viewer);
  }
}
