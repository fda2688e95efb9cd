import { defineErrors } from '#errors';

const listsError = defineErrors({
  HTTP_EXPORTS_BUSY: {
    kind: 'unavailable',
    meaning: 'The user or the process reads its maximum number of lists as CSV.',
    fix: 'Retry after the time in `Retry-After`.',
  },
});

/** @param reason which limit is reached */
export const exportsBusy = (reason: string) =>
  listsError('HTTP_EXPORTS_BUSY', `${reason}. Retry when one has ended.`, { retryAfterMs: 2_000 });
