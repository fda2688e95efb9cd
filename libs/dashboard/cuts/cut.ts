import type { SnapshotStamp } from '#changes';

/** The states of all panels at one snapshot. Immutable. Unchanged parts are shared with the previous cut. */
export interface Cut {
  /** Cuts with the same id and position are the same cut, on every node. A crashed server can reuse an id; see `Changes.since`. */
  readonly snapshot: SnapshotStamp;
  /** The snapshot up to which the change feed was read: `snapshot`, or a later one if later changes are in no panel. */
  readonly readUpTo: SnapshotStamp;
  readonly states: ReadonlyMap<string, object>;
}
