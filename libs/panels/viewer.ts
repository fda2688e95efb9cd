import { isOperator, type Principal } from '#auth';

/** The part of a principal that panels may use. */
export interface Viewer {
  readonly userId: string;
  /** Operators see the data of all users, others their own. */
  readonly operator: boolean;
}

const viewers = new WeakMap<Principal, Viewer>();

/** Returns the same object for the same principal, so that frequent requests allocate nothing. */
export function viewerOf(principal: Principal): Viewer {
  let viewer = viewers.get(principal);
  if (viewer === undefined) {
    viewer = { userId: principal.userId, operator: isOperator(principal) };
    viewers.set(principal, viewer);
  }
  return viewer;
}

/** The usual key: operators share one view, every other user has their own. */
export function ownerKey(viewer: Viewer): string {
  return viewer.operator ? '*' : viewer.userId;
}
