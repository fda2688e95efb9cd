import { defineErrors } from '#errors';

const seriesError = defineErrors({
  INSTRUMENTS_SERIES_NOT_FOUND: {
    kind: 'not_found',
    meaning: 'The broker lists no contract of the underlying with an expiry.',
    fix: 'List the expiries with `GET /v1/instruments/expiries`.',
  },
});

export const seriesNotFound = (underlying: string, broker: string) =>
  seriesError(
    'INSTRUMENTS_SERIES_NOT_FOUND',
    `${broker} lists no contract of ${JSON.stringify(underlying)} with an expiry.`,
  );
