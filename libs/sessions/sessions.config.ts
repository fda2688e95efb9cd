import { configSlice, env, integer, type SliceValue } from '#config';
import { encryptionKey, encryptionKeys } from '#sealing/config';

export const sessionsConfig = configSlice('sessions', {
  encryptionKey: env(
    'SESSIONS_ENCRYPTION_KEY',
    encryptionKey(),
    'Seals the tokens of broker sessions: 32 bytes in hexadecimal or base64',
    {
      secret: true,
      requiredInProduction: true,
    },
  ),
  previousEncryptionKeys: env(
    'SESSIONS_ENCRYPTION_KEYS_PREVIOUS',
    encryptionKeys(),
    'Keys used before, comma-separated: they still open',
    { secret: true },
  ),
  expiryWarningMs: env(
    'SESSIONS_EXPIRY_WARNING_MS',
    integer(900_000, 1_000, 86_400_000),
    'How long before its end a session is announced as expiring, ms',
  ),
  expiryPollMs: env(
    'SESSIONS_EXPIRY_POLL_MS',
    integer(5_000, 100, 60_000),
    'At most so long until an expiry saved by another process is seen, ms',
  ),
});
export type SessionsConfig = SliceValue<typeof sessionsConfig>;
