import { configSlice, env, integer, type SliceValue } from '#config';
import { encryptionKey, encryptionKeys } from '#sealing/config';

export const sessionsConfig = configSlice(
  'sessions',
  {
    maxPerUser: env('SESSIONS_MAX_PER_USER', integer(20, 1, 1_000), 'Maximum broker sessions per user'),
    encryptionKey: env(
      'SESSIONS_ENCRYPTION_KEY',
      encryptionKey(),
      'Encrypts the access tokens of broker sessions: 32 bytes in hexadecimal or base64',
      { secret: true, requiredInProduction: true },
    ),
    previousEncryptionKeys: env(
      'SESSIONS_ENCRYPTION_KEYS_PREVIOUS',
      encryptionKeys(),
      'Earlier keys that still decrypt broker tokens, comma-separated',
      { secret: true },
    ),
  },
  {
    /** How long before its end a session is announced as expiring, in ms. */
    expiryWarningMs: 900_000,
    /** Maximum delay until an expiry saved by another process is seen, in ms. */
    expiryPollMs: 5_000,
  },
);
export type SessionsConfig = SliceValue<typeof sessionsConfig>;
