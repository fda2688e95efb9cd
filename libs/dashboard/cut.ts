/** The stamp of a cut: which snapshot of the database it is. */
export interface Stamp {
  /** `pg_current_snapshot()`: two cuts with one id are the same cut, on whichever node. */
  readonly id: string;
  /** The highest position of the change feed in it; for people and logs, never for catching up. */
  readonly position: string;
  /** When that snapshot was taken. */
  readonly asOf: string;
}

/** The states of all panels at one snapshot. Immutable; parts that did not change are shared with the cut before. */
export interface Cut {
  readonly snapshot: Stamp;
  /** The snapshot up to which the change feed has been read: `snapshot.id` or later, if what came since shows nowhere. */
  readonly readUpTo: string;
  readonly states: ReadonlyMap<string, object>;
}
