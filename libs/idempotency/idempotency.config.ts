import { configSlice, env, integer, type SliceValue } from '#config';

const MIB = 1_048_576;

export const idempotencyConfig = configSlice('idempotency', {
  retentionMs: env(
    'IDEMPOTENCY_RETENTION_MS',
    integer(86_400_000, 1_000, 2_592_000_000),
    'How long a repeated Idempotency-Key gets the first answer again, ms',
  ),
  maxAnswerBytes: env(
    'IDEMPOTENCY_MAX_ANSWER_BYTES',
    integer(MIB, 0, 64 * MIB),
    'A larger answer is not kept: its repetition is refused, but still has no second effect',
  ),
  maxKeysPerPrincipal: env(
    'IDEMPOTENCY_MAX_KEYS_PER_PRINCIPAL',
    integer(1_000_000, 1, 100_000_000),
    'Keys kept of one principal; beyond it the oldest are forgotten early. About 500 bytes each',
  ),
  maxBytesPerPrincipal: env(
    'IDEMPOTENCY_MAX_BYTES_PER_PRINCIPAL',
    integer(256 * MIB, 0, 1_024 * 1_024 * MIB),
    "One principal's kept answers, bytes; beyond it the oldest answers are dropped, their keys stay",
  ),
});
export type IdempotencyConfig = SliceValue<typeof idempotencyConfig>;
