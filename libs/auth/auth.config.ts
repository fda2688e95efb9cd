import { z } from 'zod';
import { configSlice, duration, env, integer, secret, Secret, type SliceValue } from '#config';
import { emailAddress } from './credentials/email.js';
import { newPassword } from './credentials/password.js';
import { JWT_ALGORITHMS, type JwtAlgorithm } from './tokens/jwt-key.js';
import { keyMaterial } from './tokens/key-material.js';

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

interface JwtKeys {
  jwtSecretKey?: Secret | undefined;
  jwtAlgorithm: JwtAlgorithm;
  jwtVerifyKeys?: AcceptedKey[] | undefined;
}

/** Keys that do not fit their algorithm. */
function keyProblems({ jwtSecretKey, jwtAlgorithm, jwtVerifyKeys = [] }: JwtKeys) {
  const keys = [
    ...(jwtSecretKey ? [{ key: jwtSecretKey, alg: jwtAlgorithm, place: '' }] : []),
    ...jwtVerifyKeys.map(({ key, alg = jwtAlgorithm }, n) => ({ key, alg, place: `[${n}]` })),
  ];
  return keys.flatMap(({ key, alg, place }) => {
    const setting = place === '' ? 'JWT_SECRET_KEY' : 'JWT_VERIFY_KEYS';
    try {
      keyMaterial({ algorithm: alg, key: key.reveal() }, `${setting}${place}`, place === '');
      return [];
    } catch (error) {
      return [{ key: setting, seen: '[secret]', expected: (error as Error).message }];
    }
  });
}

export const authConfig = configSlice(
  'auth',
  {
    jwtSecretKey: env(
      'JWT_SECRET_KEY',
      secret(32),
      'Signs access tokens: at least 32 bytes for HS256, a PEM private key for the other algorithms',
      { secret: true, requiredInProduction: true },
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
      'Further keys whose access tokens are accepted during a rotation, as JSON: [{"alg":"HS256","key":"..."}]',
      { secret: true },
    ),
    jwtExpireMinutes: env('JWT_EXPIRE_MINUTES', integer(15, 1, 1440), 'Lifetime of an access token, in minutes'),
    refreshIdleMs: env(
      'AUTH_REFRESH_IDLE',
      duration('7d', '1d', '365d'),
      'A login that is not refreshed for this long ends',
      {
        formerly: 'AUTH_REFRESH_IDLE_DAYS',
      },
    ),
    loginLifetimeMs: env(
      'AUTH_LOGIN_LIFETIME',
      duration('30d', '1d', '365d'),
      'Maximum lifetime of a login, however often it is refreshed',
      { formerly: 'AUTH_SESSION_DAYS' },
    ),
    refreshGraceMs: env(
      'AUTH_REFRESH_GRACE',
      duration('5s', '0s', '1m'),
      'Within this time after its first use a refresh token gets the same successor again. Used later, it ends its login',
      { formerly: 'AUTH_REFRESH_GRACE_MS' },
    ),
    maxLogins: env(
      'AUTH_MAX_LOGINS',
      integer(20, 1, 1_000),
      'Maximum logins per user. A further sign-in ends the least recently used login',
    ),
    maxApiKeys: env('AUTH_MAX_API_KEYS', integer(20, 1, 1_000), 'Maximum active API keys per user'),
    adminEmail: env(
      'ADMIN_EMAIL',
      emailAddress.optional() as unknown as z.ZodType<string | undefined>,
      'E-mail address of the first admin. Unset: admin@deskwire.local',
    ),
    adminPassword: env(
      'ADMIN_PASSWORD',
      firstPassword,
      'Password of the first admin, 12 to 256 characters. Unset: one is generated and printed once',
      { secret: true },
    ),
  },
  {
    /** Issuer (iss) of access tokens. Tokens of other issuers are refused. */
    jwtIssuer: 'deskwire',
    /** Audience (aud) of access tokens. Tokens for other audiences are refused. */
    jwtAudience: 'deskwire',
    /** How long "this login and its user are still valid" is cached, in ms. A revocation takes effect within 2 s on every process. */
    statusTtlMs: 2_000,
    /** How long a read waits for "this login and its user are still valid" before the last answer counts, in ms. */
    statusWaitMs: 500,
    /** Maximum duration of the query for it, in ms. Then a write is refused. */
    statusQueryMs: 2_000,
    /** How long beyond its time the last answer counts for reads while PostgreSQL does not answer, in ms. Never for writes. */
    statusGraceMs: 58_000,
    /** Memory of one argon2id hash, in KiB. */
    argonMemoryKib: 19_456,
    /** Passes of one argon2id hash. */
    argonTimeCost: 2,
    /** Lanes of one argon2id hash. */
    argonParallelism: 1,
    /** Maximum number of password hashes computed at once, per process. */
    hashConcurrency: 2,
    /** Maximum number of sign-ins that wait for a hash. Beyond it the address and account that wait for most are answered 503. */
    hashMaxWaiting: 32,
    /** Maximum number of sign-ins in progress of one account from one address. More are answered 503 at once. */
    hashMaxPerAccount: 4,
    /** Window in which failed sign-ins are counted, in minutes. */
    loginWindowMinutes: 15,
    /** Maximum failed sign-ins of one account from one address in the window. */
    loginMaxPerPair: 10,
    /** Maximum failed sign-ins from one address (IPv6: from a /64 network) in the window. */
    loginMaxPerNetwork: 100,
    /** Maximum failed sign-ins in the window of one account from addresses it never signed in from. */
    loginMaxPerAccount: 50,
  },
  keyProblems,
);

export type AuthConfig = SliceValue<typeof authConfig>;
