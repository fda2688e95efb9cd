/** The part of a principal that panels may use. */
export interface Viewer {
  readonly userId: string;
  /** Operators see the data of all users, others their own. */
  readonly operator: boolean;
}

/** The usual key: operators share one view, every other user has their own. */
export function ownerKey(viewer: Viewer): string {
  return viewer.operator ? '*' : viewer.userId;
}
