import { configSlice, type SliceValue } from '#config';

const MIB = 1_048_576;

export const idempotencyConfig = configSlice(
  'idempotency',
  {},
  {
    /** How long an Idempotency-Key is remembered, in ms. */
    retentionMs: 86_400_000,
    /** Maximum size of a stored answer, in bytes. A larger one is not stored: a repeat is refused, without a second effect. */
    maxAnswerBytes: MIB,
    /** Maximum number of keys per principal, about 500 bytes each. Beyond it the oldest keys are forgotten early. */
    maxKeysPerPrincipal: 1_000_000,
    /** Maximum size of the stored answers per principal, in bytes. Beyond it the oldest answers are dropped and their keys stay. */
    maxBytesPerPrincipal: 256 * MIB,
  },
);
export type IdempotencyConfig = SliceValue<typeof idempotencyConfig>;
