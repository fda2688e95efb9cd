import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Counter } from 'prom-client';
import { Cache, type CachingConfig, cachingConfig } from '#caching';
import { loadConfig } from '#config';
import { DomainError } from '#errors';
import { ApiKeyUse } from './api-keys/api-key-use.js';
import { Authenticator } from './authenticator.js';
import type { CredentialStatus } from './statuses/credential-status.js';
import { CredentialStatuses } from './statuses/credential-statuses.js';
import { AccessTokens } from './tokens/access-tokens.js';
import { JwtKeyRing } from './tokens/jwt-key-ring.js';
import { newApiKey, tokenHash } from './tokens/opaque-token.js';
import { RefreshTokens } from './tokens/refresh-tokens.js';

const EXPECTED = { issuer: 'deskwire', audience: 'deskwire' };
const USER = randomUUID();
const LOGIN = randomUUID();

const limits = loadConfig([cachingConfig], {})['caching'] as CachingConfig;

function setUp() {
  const now = { ms: Date.UTC(2026, 7, 17) };
  const clock = (): number => now.ms;
  const rows = new Map<string, CredentialStatus>();
  const put = (change: Partial<CredentialStatus> & { lookup: string }): void => {
    rows.set(change.lookup, {
      id: change.lookup,
      userId: USER,
      roles: ['trader'],
      expiresAt: now.ms + 86_400_000,
      refused: undefined,
      keyHash: undefined,
      ...change,
    });
  };
  put({ lookup: LOGIN });
  const queries: string[][] = [];
  const statuses = new CredentialStatuses(
    { open: (name, settings) => new Cache(name, settings, limits, undefined, clock) },
    async (lookups) => {
      queries.push(lookups);
      return new Map(
        [...rows].filter(([lookup]) => lookups.includes(lookup)).map(([lookup, row]) => [lookup, { ...row }]),
      );
    },
    () => false,
    { ttlMs: 2_000, graceMs: 58_000, waitMs: 500, writeWaitMs: 60_000 },
  );
  const tokens = new AccessTokens(
    new JwtKeyRing({ algorithm: 'HS256', key: 'x'.repeat(32) }, [], EXPECTED),
    EXPECTED,
    900,
    clock,
  );
  const failures = new Counter({ name: 'f', help: 'f', labelNames: ['reason'], registers: [] });
  const used: string[] = [];
  const authenticator = new Authenticator(tokens, statuses, failures, new ApiKeyUse((id) => used.push(id)), clock);
  const issue = async (login = LOGIN): Promise<string> => (await tokens.issue(USER, login, 'r')).accessToken;
  const reasons = async (): Promise<unknown[]> => (await failures.get()).values.map((value) => value.labels.reason);
  return { now, put, queries, statuses, authenticator, issue, reasons, used };
}

async function refusal(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof DomainError ? `${error.code} ${error.details.kind} ${error.message}` : String(error);
}

const THE_401 = 'AUTH_UNAUTHENTICATED unauthenticated This needs a valid access token. Sign in, or refresh your token.';

describe('the authenticator', () => {
  const lines: unknown[] = [];
  beforeEach(() => {
    lines.length = 0;
    jest.spyOn(Logger.prototype, 'warn').mockImplementation((line: unknown) => void lines.push(line));
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('the authenticator returns the principal of a good token', async () => {
    const { authenticator, issue, now } = setUp();
    await expect(authenticator.authenticate(await issue())).resolves.toEqual({
      userId: USER,
      roles: ['trader'],
      loginId: LOGIN,
      expiresAt: new Date(now.ms + 900_000),
      via: 'login',
    });
    expect(lines).toEqual([]);
  });

  it('the authenticator answers every bad token with the same 401, one log line and one count', async () => {
    const { authenticator, put, issue, reasons } = setUp();
    put({ lookup: 'f0f0f0f0-0000-7000-8000-000000000001', refused: 'login_revoked' });
    put({ lookup: 'f0f0f0f0-0000-7000-8000-000000000002', refused: 'user_disabled' });
    put({ lookup: 'f0f0f0f0-0000-7000-8000-000000000003', expiresAt: 0 });
    put({ lookup: 'f0f0f0f0-0000-7000-8000-000000000004', userId: randomUUID() });
    const cases: [string, unknown][] = [
      ['missing', undefined],
      ['missing', ''],
      ['malformed', { token: 'x' }],
      ['malformed', 42],
      ['malformed', 'not a token'],
      ['too_long', 'a'.repeat(100_000)],
      ['refresh_token', new RefreshTokens(['x'.repeat(32)]).first()],
      ['malformed', 'dwk_nonsense'],
      ['api_key_unknown', newApiKey().key],
      ['login_unknown', await issue(randomUUID())],
      ['login_revoked', await issue('f0f0f0f0-0000-7000-8000-000000000001')],
      ['user_disabled', await issue('f0f0f0f0-0000-7000-8000-000000000002')],
      ['login_expired', await issue('f0f0f0f0-0000-7000-8000-000000000003')],
      ['login_unknown', await issue('f0f0f0f0-0000-7000-8000-000000000004')],
    ];
    for (const [reason, token] of cases) {
      lines.length = 0;
      expect(await refusal(authenticator.authenticate(token))).toBe(THE_401);
      expect(lines).toEqual([{ msg: 'authentication refused', reason }]);
    }
    expect(new Set(await reasons())).toEqual(new Set(cases.map(([reason]) => reason)));
  });

  it('the authenticator never queries the database about a token with a wrong signature', async () => {
    const { authenticator, issue, queries } = setUp();
    const [header, claims] = (await issue()).split('.') as [string, string];
    for (let n = 0; n < 100; n++) {
      await refusal(authenticator.authenticate(`${header}.${claims}.${Buffer.alloc(32, n).toString('base64url')}`));
    }
    expect(queries).toEqual([]);
  });

  it('the authenticator verifies a signature once and reads the status every two seconds', async () => {
    const { authenticator, issue, queries } = setUp();
    const token = await issue();
    const first = await authenticator.authenticate(token);
    for (let n = 0; n < 1000; n++) expect(await authenticator.authenticate(token)).toBe(first);
    expect(queries).toEqual([[LOGIN]]);
  });

  it('the authenticator refuses a known token after it expired', async () => {
    const { authenticator, issue, now } = setUp();
    const token = await issue();
    await authenticator.authenticate(token);
    now.ms += 900_000 + 29_999;
    await authenticator.authenticate(token);
    now.ms += 1;
    expect(await refusal(authenticator.authenticate(token))).toBe(THE_401);
    expect(lines).toEqual([{ msg: 'authentication refused', reason: 'expired' }]);
  });

  it('the authenticator refuses a revoked login within two seconds, or at once when it is notified', async () => {
    const { authenticator, issue, now, put, statuses } = setUp();
    const token = await issue();
    await authenticator.authenticate(token);
    put({ lookup: LOGIN, refused: 'login_revoked' });
    now.ms += 999;
    await authenticator.authenticate(token);
    now.ms += 1001;
    expect(await refusal(authenticator.authenticate(token))).toBe(THE_401);
    put({ lookup: LOGIN });
    statuses.forgetUser(USER);
    await authenticator.authenticate(token);
    put({ lookup: LOGIN, refused: 'user_disabled' });
    statuses.forgetUser(USER);
    expect(await refusal(authenticator.authenticate(token))).toBe(THE_401);
  });

  it('the authenticator returns the current roles, not those of the time the token was issued', async () => {
    const { authenticator, issue, put, statuses } = setUp();
    const token = await issue();
    await authenticator.authenticate(token);
    put({ lookup: LOGIN, roles: ['viewer'] });
    statuses.forgetUser(USER);
    expect((await authenticator.authenticate(token)).roles).toEqual(['viewer']);
  });

  it('the authenticator accepts an API key and records its use once a minute', async () => {
    const { authenticator, now, put, used } = setUp();
    const { key, prefix } = newApiKey();
    put({ lookup: prefix, id: 'the key', keyHash: tokenHash(key), roles: ['viewer'] });
    const principal = await authenticator.authenticate(key);
    expect(principal).toMatchObject({ loginId: 'the key', via: 'api_key', roles: ['viewer'] });
    for (let n = 0; n < 10; n++) await authenticator.authenticate(key);
    expect(used).toEqual(['the key']);
    now.ms += 60_000;
    await authenticator.authenticate(key);
    expect(used).toEqual(['the key', 'the key']);
  });

  it('the authenticator refuses an API key with the prefix of another one', async () => {
    const { authenticator, put } = setUp();
    const { key, prefix } = newApiKey();
    put({ lookup: prefix, id: 'the key', keyHash: tokenHash(newApiKey().key) });
    expect(await refusal(authenticator.authenticate(key))).toBe(THE_401);
  });
});
