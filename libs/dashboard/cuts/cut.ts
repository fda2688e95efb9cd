import type { SnapshotStamp } from '#changes';

/** The states of all panels at one snapshot. Immutable; parts that did not change are shared with the cut before. */
export interface Cut {
  /** Two cuts with one id and position are the same cut, on whichever node. (A crashed server can give an id again, see `Changes.since`.) */
  readonly snapshot: SnapshotStamp;
  /** The snapshot up to which the change feed has been read: `snapshot` or later, if what came since shows nowhere. */
  readonly readUpTo: SnapshotStamp;
  readonly states: ReadonlyMap<string, object>;
}
