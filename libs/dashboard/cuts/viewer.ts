/** Who looks: all that panels may ask of a principal. */
export interface Viewer {
  readonly userId: string;
  /** Operators see every desk's data, others their own. */
  readonly operator: boolean;
}

/** The usual key: operators share one view, everybody else has their own. */
export function ownerKey(viewer: Viewer): string {
  return viewer.operator ? '*' : viewer.userId;
}
