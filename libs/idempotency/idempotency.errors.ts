import { defineErrors } from '#errors';

const idempotencyError = defineErrors({
  IDEMPOTENCY_KEY_MALFORMED: {
    kind: 'invalid',
    meaning: 'The Idempotency-Key is malformed.',
    fix: 'Send 1 to 255 visible ASCII characters without spaces, for example a UUID.',
  },
  IDEMPOTENCY_KEY_REUSED: {
    kind: 'unprocessable',
    meaning: 'The Idempotency-Key was used for a different request. Nothing was done.',
    fix: 'Send the new request with a new key.',
  },
  IDEMPOTENCY_IN_PROGRESS: {
    kind: 'conflict',
    meaning: 'A request with this Idempotency-Key is in progress.',
    fix: 'Retry with the same key after the time in `Retry-After`.',
  },
  IDEMPOTENCY_ANSWER_NOT_KEPT: {
    kind: 'conflict',
    meaning: 'The request took effect once. Its answer is not stored, because it held a secret or was too large.',
    fix: 'Read the created resource. If a secret did not reach you, delete the resource and create it again with a new key.',
  },
});

const FIELD = 'Idempotency-Key';

export const keyMalformed = (seen: unknown) =>
  idempotencyError(
    'IDEMPOTENCY_KEY_MALFORMED',
    'Idempotency-Key must be sent once and have 1 to 255 visible ASCII characters without spaces, for example a UUID.',
    {
      errors: [
        {
          field: FIELD,
          seen: JSON.stringify(seen).slice(0, 80),
          allowed: '1 to 255 visible ASCII characters without spaces',
        },
      ],
    },
  );

/** @param firstUse the method and path of the first request with this key */
export function keyReused(key: string, firstUse: string, now: string) {
  const difference = firstUse === now ? `${firstUse} with another body or query` : firstUse;
  return idempotencyError(
    'IDEMPOTENCY_KEY_REUSED',
    `The Idempotency-Key ${key} was used before, for ${difference}. Nothing was done. Send a new request with a new key.`,
    {
      errors: [{ field: FIELD, seen: key, allowed: 'a key that was not used for another request' }],
      extra: { idempotencyKey: key, firstUsedFor: firstUse },
    },
  );
}

export const inProgress = (key: string, cause?: unknown) =>
  idempotencyError(
    'IDEMPOTENCY_IN_PROGRESS',
    `A request with the Idempotency-Key ${key} is in progress. Try again with the same key.`,
    { retryAfterMs: 1_000, extra: { idempotencyKey: key }, cause },
  );

/**
 * The request took effect once, and its answer cannot be repeated.
 * @param rest the stored part of the answer, without secrets; undefined if it was too large
 */
export function answerNotKept(key: string, reason: 'secret' | 'size', status: number, rest: unknown) {
  const why =
    reason === 'secret'
      ? 'Its answer held a secret, which is shown once and not stored. If it did not reach you, delete the created resource (see `answer`) and create it again with a new key'
      : 'Its answer was too large to store. Read the created resource instead';
  return idempotencyError(
    'IDEMPOTENCY_ANSWER_NOT_KEPT',
    `The request with the Idempotency-Key ${key} was done, with status ${status}, and is not done again. ${why}.`,
    { extra: { idempotencyKey: key, originalStatus: status, ...(rest === undefined ? {} : { answer: rest }) } },
  );
}
