import { DomainError } from '#errors';

const FIELD = 'Idempotency-Key';

/** 400 */
export function keyMalformed(seen: unknown): DomainError {
  return new DomainError(
    'IDEMPOTENCY_KEY_MALFORMED',
    'Idempotency-Key: 1 to 255 visible ASCII characters without spaces, sent once; a UUID is a good one.',
    {
      kind: 'invalid',
      errors: [
        {
          field: FIELD,
          seen: JSON.stringify(seen).slice(0, 80),
          allowed: '1 to 255 visible ASCII characters without spaces',
        },
      ],
    },
  );
}

/** 422 @param firstUse the method and path it was first used for */
export function keyReused(key: string, firstUse: string, now: string): DomainError {
  const difference = firstUse === now ? `${firstUse} with another body or query` : firstUse;
  return new DomainError(
    'IDEMPOTENCY_KEY_REUSED',
    `The Idempotency-Key ${key} was used before, for ${difference}. Nothing was done; send a new request under a new key.`,
    {
      kind: 'unprocessable',
      errors: [{ field: FIELD, seen: key, allowed: 'a key that was not used for another request' }],
      extra: { idempotencyKey: key, firstUsedFor: firstUse },
    },
  );
}

/** 409 */
export function inProgress(key: string, cause?: unknown): DomainError {
  return new DomainError(
    'IDEMPOTENCY_IN_PROGRESS',
    `A request with the Idempotency-Key ${key} is still being worked on. Ask again, with the same key.`,
    {
      kind: 'conflict',
      retryAfterMs: 1_000,
      extra: { idempotencyKey: key },
      cause,
    },
  );
}

/**
 * 409: the request had its effect, once; its answer cannot be given again.
 * @param rest what was kept of the answer: all but its secrets; undefined if it was too large
 */
export function answerNotKept(key: string, reason: 'secret' | 'size', status: number, rest: unknown): DomainError {
  const why =
    reason === 'secret'
      ? 'The answer held a secret that is shown once and kept nowhere. If it did not reach you, remove what was made (see `answer`) and make another under a new key'
      : 'The answer was too large to keep: read what was made instead of asking for it again';
  return new DomainError(
    'IDEMPOTENCY_ANSWER_NOT_KEPT',
    `The request with the Idempotency-Key ${key} was done, with status ${status}, and is not done again. ${why}.`,
    {
      kind: 'conflict',
      extra: { idempotencyKey: key, originalStatus: status, ...(rest === undefined ? {} : { answer: rest }) },
    },
  );
}
