import { isOperator, type Principal } from '#auth';
import type { Viewer } from './viewer.js';

const viewers = new WeakMap<Principal, Viewer>();

/** The same object for the same principal, which lives as long as its token: the hot path allocates nothing. */
export function viewerOf(principal: Principal): Viewer {
  let viewer = viewers.get(principal);
  if (viewer === undefined) {
    viewer = { userId: principal.userId, operator: isOperator(principal) };
    viewers.set(principal, viewer);
  }
  return viewer;
}
