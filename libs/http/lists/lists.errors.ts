import { defineErrors } from '#errors';

const listsError = defineErrors({
  HTTP_EXPORTS_BUSY: {
    kind: 'unavailable',
    meaning: 'The process answers its maximum number of lists as CSV.',
    fix: 'Retry after the time in `Retry-After`.',
  },
});

export const exportsBusy = (max: number) =>
  listsError('HTTP_EXPORTS_BUSY', `${max} lists are read as CSV in this process, the maximum. Retry later.`, {
    retryAfterMs: 2_000,
  });
