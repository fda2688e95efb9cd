import { defineErrors } from '#errors';

const brokersError = defineErrors({
  PORTFOLIOS_BROKER_NOT_CONFIGURED: {
    kind: 'conflict',
    meaning: 'The desk has no URL for the positions of the broker.',
    fix: 'Set `PORTFOLIOS_BROKER_POSITIONS`.',
  },
  PORTFOLIOS_BROKER_SIGN_IN: {
    kind: 'conflict',
    meaning: 'The broker refused the token of the session.',
    fix: 'Sign in to the broker again and save the session; check `PORTFOLIOS_BROKER_AUTHORIZATION`.',
  },
  PORTFOLIOS_BROKER_FAILED: {
    kind: 'unavailable',
    meaning: 'The broker did not answer its positions.',
    fix: 'Retry after the time in `Retry-After`; the message says what failed.',
  },
});

export const brokerNotConfigured = (broker: string) =>
  brokersError(
    'PORTFOLIOS_BROKER_NOT_CONFIGURED',
    `No URL of positions is configured for ${broker}. Set PORTFOLIOS_BROKER_POSITIONS.`,
  );

export const brokerSignIn = (broker: string, status: number) =>
  brokersError(
    'PORTFOLIOS_BROKER_SIGN_IN',
    `${broker} refused the token of the session (status ${status}). Sign in to the broker again and save the session.`,
  );

export const tokenUnsendable = (broker: string) =>
  brokersError(
    'PORTFOLIOS_BROKER_SIGN_IN',
    `The token of the session with ${broker} has characters that no header can have. Sign in to the broker again and save the session.`,
  );

export const brokerFailed = (broker: string, what: string, cause?: unknown) =>
  brokersError('PORTFOLIOS_BROKER_FAILED', `${broker} did not answer its positions: ${what}`, {
    retryAfterMs: 5_000,
    cause,
  });
