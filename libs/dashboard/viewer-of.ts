import { isOperator, type Principal } from '#auth';
import type { Viewer } from '#panels';

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
