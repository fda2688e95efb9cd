import { z } from 'zod';
import { configSlice, env, integer, secret, Secret, type SliceValue, text } from '#config';
import { emailAddress } from './credentials/email.js';
import { newPassword } from './credentials/password.js';
import { JWT_ALGORITHMS, type JwtAlgorithm } from './tokens/jwt-key.js';

/** A further key of the ring; `alg` is JWT_ALGORITHM's if left out. */
export interface AcceptedKey {
  alg?: JwtAlgorithm | undefined;
  key: Secret;
}

const KEYS_SHAPE = 'a JSON array such as [{"alg":"HS256","key":"..."}], each key at least 32 bytes (or PEM)';

const acceptedKeys = z
  .string()
  .transform((value, context): AcceptedKey[] => {
    try {
      const keys = z
        .array(z.strictObject({ alg: z.enum(JWT_ALGORITHMS).optional(), key: z.string().min(32) }))
        .parse(JSON.parse(value));
      return keys.map(({ alg, key }) => ({ alg, key: new Secret(key) }));
    } catch {
      context.addIssue({ code: 'custom', message: KEYS_SHAPE });
      return z.NEVER;
    }
  })
  .optional() as unknown as z.ZodType<AcceptedKey[] | undefined>;

const firstPassword = newPassword.transform((value) => new Secret(value)).optional() as unknown as z.ZodType<
  Secret | undefined
>;

export const authConfig = configSlice('auth', {
  jwtSecretKey: env(
    'JWT_SECRET_KEY',
    secret(32),
    'Signs access tokens: a secret of 32 bytes or more for HS256, a PEM private key for the other algorithms',
    {
      secret: true,
      requiredInProduction: true,
    },
  ),
  jwtAlgorithm: env(
    'JWT_ALGORITHM',
    z
      .enum(JWT_ALGORITHMS, { error: `one of ${JWT_ALGORITHMS.join(', ')}` })
      .default('HS256') as unknown as z.ZodType<JwtAlgorithm>,
    `Algorithm of JWT_SECRET_KEY: ${JWT_ALGORITHMS.join(', ')}`,
  ),
  jwtVerifyKeys: env(
    'JWT_VERIFY_KEYS',
    acceptedKeys,
    'Further keys whose tokens are accepted while keys are rotated, [{"alg","key"}] as JSON',
    { secret: true },
  ),
  jwtIssuer: env('JWT_ISSUER', text('deskwire'), 'iss of access tokens; others are refused'),
  jwtAudience: env('JWT_AUDIENCE', text('deskwire'), 'aud of access tokens; others are refused'),
  jwtExpireMinutes: env('JWT_EXPIRE_MINUTES', integer(15, 1, 1440), 'Life of an access token, minutes'),
  refreshIdleDays: env('AUTH_REFRESH_IDLE_DAYS', integer(7, 1, 365), 'A login not refreshed for so many days ends'),
  sessionDays: env(
    'AUTH_SESSION_DAYS',
    integer(30, 1, 365),
    'A login ends after so many days, however often it was refreshed',
  ),
  refreshGraceMs: env(
    'AUTH_REFRESH_GRACE_MS',
    integer(5000, 0, 60_000),
    'Within this time after its first use, a refresh token gets the same successor again; used later, it ends its login, ms',
  ),
  standingTtlMs: env(
    'AUTH_STANDING_TTL_MS',
    integer(2000, 100, 2000),
    'How long the answer "login and user are still good" is believed, ms',
  ),
  argonMemoryKib: env('AUTH_ARGON2_MEMORY_KIB', integer(19_456, 8192, 1_048_576), 'Memory of one argon2id hash, KiB'),
  argonTimeCost: env('AUTH_ARGON2_TIME_COST', integer(2, 1, 20), 'Passes of one argon2id hash'),
  argonParallelism: env('AUTH_ARGON2_PARALLELISM', integer(1, 1, 16), 'Lanes of one argon2id hash'),
  hashConcurrency: env('AUTH_HASH_CONCURRENCY', integer(2, 1, 64), 'Password hashes computed at once'),
  hashMaxWaiting: env(
    'AUTH_HASH_MAX_WAITING',
    integer(8, 0, 1000),
    'Sign-ins that wait for a hash; more are answered 503 at once',
  ),
  loginWindowMinutes: env(
    'AUTH_LOGIN_WINDOW_MINUTES',
    integer(15, 1, 1440),
    'Window in which failed sign-ins are counted, minutes',
  ),
  loginMaxPerPair: env(
    'AUTH_LOGIN_MAX_PER_ACCOUNT_AND_IP',
    integer(10, 1, 10_000),
    'Failed sign-ins a window of one account from one address',
  ),
  loginMaxPerNetwork: env(
    'AUTH_LOGIN_MAX_PER_IP',
    integer(100, 1, 1_000_000),
    'Failed sign-ins a window from one address (IPv6: a /64)',
  ),
  loginMaxPerAccount: env(
    'AUTH_LOGIN_MAX_PER_ACCOUNT',
    integer(50, 1, 1_000_000),
    'Failed sign-ins a window of one account from addresses it never signed in from',
  ),
  apiKeysPerUser: env('AUTH_API_KEYS_PER_USER', integer(20, 1, 1000), 'Machine keys in use a user may have'),
  adminEmail: env(
    'ADMIN_EMAIL',
    emailAddress.optional() as unknown as z.ZodType<string | undefined>,
    'E-mail of the first admin (admin@deskwire.local if not set)',
  ),
  adminPassword: env(
    'ADMIN_PASSWORD',
    firstPassword,
    'Password of the first admin, 12 to 256 characters; made and printed once if not set',
    { secret: true },
  ),
});

export type AuthConfig = SliceValue<typeof authConfig>;
