import { configSlice, env, integer, secret, type SliceValue } from '#config';
import { encryptionKey, encryptionKeys } from '#sealing/config';

export const webhooksConfig = configSlice(
  'webhooks',
  {
    perUser: env('WEBHOOKS_MAX_PER_USER', integer(20, 1, 10_000), 'Maximum webhooks per user, and of the desk'),
    encryptionKey: env(
      'WEBHOOK_ENCRYPTION_KEY',
      encryptionKey(),
      'Encrypts the signing secrets of webhooks: 32 bytes in hexadecimal or base64',
      { secret: true, requiredInProduction: true },
    ),
    previousEncryptionKeys: env(
      'WEBHOOK_ENCRYPTION_KEYS_PREVIOUS',
      encryptionKeys(),
      'Earlier keys that still decrypt signing secrets, comma-separated. See `deskwire secrets rewrap`',
      { secret: true },
    ),
    signingSecret: env(
      'WEBHOOK_SIGNING_SECRET',
      secret(24),
      "First signing secret of the desk's own endpoints, 24 to 64 bytes or whsec_... Unset: one is generated per endpoint",
      { secret: true },
    ),
  },
  {
    /** Maximum duration of one attempt, from connecting to the last byte of the answer, in ms. */
    timeoutMs: 15_000,
    /** Lower limit of the duration of one attempt, which adapts to the endpoint, in ms. */
    minTimeoutMs: 5_000,
    /** How long the previous secret also signs after a rotation, in hours. */
    rotationHours: 24,
    /** Maximum number of concurrent sends to one endpoint, unless the endpoint sets its own. */
    concurrency: 10,
    /** The window of the success ratio, in minutes. */
    windowMinutes: 10,
    /** Minimum number of attempts in the window before the ratio counts. */
    minimumAttempts: 10,
    /** Share of successes below which an endpoint is degraded, in percent. */
    degradedPercent: 90,
    /** Hours of failures without a success after which an endpoint is disabled and its deliveries are held. */
    disableAfterHours: 120,
    /** Interval of the probes of a disabled endpoint, in seconds. */
    probeSeconds: 600,
    /** Poll interval for due probes, in ms. */
    upkeepMs: 5_000,
    /** Days that health samples are kept. */
    healthDays: 7,
  },
);
export type WebhooksConfig = SliceValue<typeof webhooksConfig>;
