import { configSlice, env, integer, secret, type SliceValue } from '#config';
import { encryptionKey, encryptionKeys } from '#sealing/config';

export const webhooksConfig = configSlice('webhooks', {
  encryptionKey: env(
    'WEBHOOK_ENCRYPTION_KEY',
    encryptionKey(),
    'Seals the signing secrets of webhooks: 32 bytes in hexadecimal or base64',
    {
      secret: true,
      requiredInProduction: true,
    },
  ),
  previousEncryptionKeys: env(
    'WEBHOOK_ENCRYPTION_KEYS_PREVIOUS',
    encryptionKeys(),
    'Other keys that still open them, comma-separated; see `deskwire secrets rewrap`',
    {
      secret: true,
    },
  ),
  signingSecret: env(
    'WEBHOOK_SIGNING_SECRET',
    secret(24),
    "First signing secret of the desk's own endpoints, 24 to 64 bytes or whsec_..; made for each when unset",
    {
      secret: true,
    },
  ),
  timeoutMs: env(
    'WEBHOOKS_TIMEOUT_MS',
    integer(15_000, 100, 60_000),
    'Wall clock of one attempt, to the last byte, ms',
  ),
  rotationHours: env(
    'WEBHOOKS_ROTATION_HOURS',
    integer(24, 1, 720),
    'How long the old secret signs along after a rotation, h',
  ),
  perUser: env('WEBHOOKS_PER_USER', integer(20, 1, 10_000), 'Endpoints of one user at most'),
  concurrency: env(
    'WEBHOOKS_CONCURRENCY',
    integer(10, 1, 100),
    'Deliveries in flight to one endpoint unless it says otherwise',
  ),
  windowMinutes: env(
    'WEBHOOKS_HEALTH_WINDOW_MINUTES',
    integer(10, 1, 1_440),
    'The success ratio is of the attempts of so many minutes',
  ),
  minimumAttempts: env(
    'WEBHOOKS_HEALTH_MINIMUM_ATTEMPTS',
    integer(10, 1, 1_000_000),
    '.. if there were at least so many',
  ),
  degradedPercent: env(
    'WEBHOOKS_DEGRADED_PERCENT',
    integer(90, 1, 100),
    'Below this share of successes an endpoint is degraded, percent',
  ),
  disableAfterHours: env(
    'WEBHOOKS_DISABLE_AFTER_HOURS',
    integer(120, 1, 8_760),
    'After so long of nothing but failures an endpoint is disabled: its deliveries are held, h',
  ),
  probeSeconds: env(
    'WEBHOOKS_PROBE_SECONDS',
    integer(600, 1, 86_400),
    'How often a disabled endpoint is tried with one delivery, s',
  ),
  upkeepMs: env('WEBHOOKS_UPKEEP_MS', integer(5_000, 20, 60_000), 'How often due probes are looked for, ms'),
  healthDays: env('WEBHOOKS_HEALTH_DAYS', integer(7, 1, 365), 'Minutes of health are kept so many days'),
});
export type WebhooksConfig = SliceValue<typeof webhooksConfig>;
