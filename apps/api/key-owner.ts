import { principalOf } from '#auth';
import type { RequestOwner } from '#idempotency';

/**
 * Idempotency keys belong to the user of a login, so a retry after a refresh or another sign-in still matches, and to the API
 * key itself, so a leaked API key cannot read the answers its owner got.
 */
export const keyOwner: RequestOwner = {
  ownerOf(request) {
    const principal = principalOf(request);
    return principal?.via === 'api_key' ? principal.loginId : principal?.userId;
  },
};
