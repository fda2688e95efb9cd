import { principalOf } from '#auth';
import type { RequestOwner } from '#idempotency';

/**
 * A person by the user's id, so that a retry after a refresh or another sign-in is still the same; a machine by its key's own id:
 * with a leaked key nobody is given the answers that its owner got.
 */
export const keyOwner: RequestOwner = {
  ownerOf(request) {
    const principal = principalOf(request);
    return principal?.via === 'api_key' ? principal.loginId : principal?.userId;
  },
};
