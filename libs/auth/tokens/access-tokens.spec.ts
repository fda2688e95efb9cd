import { createHmac, generateKeyPairSync, randomUUID } from 'node:crypto';
import { Refusal } from '../refusal.js';
import { AccessTokens } from './access-tokens.js';
import { JwtKeyRing } from './jwt-key-ring.js';
import type { KeySource } from './key-material.js';
import type { JwtAlgorithm } from './jwt-key.js';

const EXPECTED = { issuer: 'deskwire', audience: 'desk' };
const NOW = Date.UTC(2026, 7, 17, 9, 15);
const USER = randomUUID();
const LOGIN = randomUUID();

const pem = (key: { export(options: { type: 'pkcs8'; format: 'pem' }): string | Buffer }): string =>
  key.export({ type: 'pkcs8', format: 'pem' }).toString();

const SOURCES: Record<JwtAlgorithm, KeySource> = {
  HS256: { algorithm: 'HS256', key: 'a secret of thirty-two bytes or more' },
  RS256: { algorithm: 'RS256', key: pem(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey) },
  ES256: { algorithm: 'ES256', key: pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey) },
  EdDSA: { algorithm: 'EdDSA', key: pem(generateKeyPairSync('ed25519').privateKey) },
};

function tokensOf(
  source: KeySource,
  options: { accepted?: KeySource[]; issuer?: string; audience?: string; now?: () => number } = {},
): AccessTokens {
  const expected = { issuer: options.issuer ?? EXPECTED.issuer, audience: options.audience ?? EXPECTED.audience };
  return new AccessTokens(
    new JwtKeyRing(source, options.accepted ?? [], expected),
    expected,
    900,
    options.now ?? (() => NOW),
  );
}

async function reason(tokens: AccessTokens, token: string): Promise<string> {
  return tokens.verify(token).then(
    () => 'accepted',
    (error: unknown) => {
      if (error instanceof Refusal) return error.reason;
      throw error;
    },
  );
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const decode = (token: string, n: number): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[n]!, 'base64url').toString()) as Record<string, unknown>;

/** The token with other claims or another header, signed again with HS256. */
function forge(
  token: string,
  secret: string,
  claims: Record<string, unknown>,
  header: Record<string, unknown> = {},
): string {
  const body = `${encode({ ...decode(token, 0), ...header })}.${encode({ ...decode(token, 1), ...claims })}`;
  return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`;
}

describe.each(Object.values(SOURCES))('access tokens by $algorithm', (source) => {
  const issue = async (tokens = tokensOf(source)): Promise<string> =>
    (await tokens.issue(USER, LOGIN, 'r')).accessToken;

  it('an access token is verified with the claims it was issued with', async () => {
    const pair = await tokensOf(source).issue(USER, LOGIN, 'refresh');
    expect(pair).toMatchObject({ refreshToken: 'refresh', expiresIn: 900, tokenType: 'Bearer' });
    await expect(tokensOf(source).verify(pair.accessToken)).resolves.toEqual({
      userId: USER,
      loginId: LOGIN,
      expiresAt: NOW + 900_000,
    });
  });

  it('an access token is accepted from 30 s before its start until 30 s after its end', async () => {
    const token = await issue();
    const at = (ms: number): Promise<string> => reason(tokensOf(source, { now: () => NOW + ms }), token);
    expect(await at(900_000 + 29_000)).toBe('accepted');
    expect(await at(900_000 + 30_000)).toBe('expired');
    expect(await at(-30_000)).toBe('accepted');
    expect(await at(-31_000)).toBe('not_yet_valid');
  });

  it('an access token of another issuer or audience is refused', async () => {
    expect(await reason(tokensOf(source), await issue(tokensOf(source, { issuer: 'elsewhere' })))).toBe('issuer');
    expect(await reason(tokensOf(source), await issue(tokensOf(source, { audience: 'others' })))).toBe('audience');
  });

  it('an access token with a changed payload or signature is refused', async () => {
    const [header, , signature] = (await issue()).split('.') as [string, string, string];
    const other = encode({ ...decode(await issue(), 1), sub: randomUUID() });
    expect(await reason(tokensOf(source), `${header}.${other}.${signature}`)).toBe('signature');
  });

  it('an access token with the algorithm "none" is refused', async () => {
    const token = await issue();
    for (const alg of ['none', 'None', 'nOnE', 'NONE']) {
      const unsigned = `${encode({ ...decode(token, 0), alg })}.${token.split('.')[1]!}`;
      expect(await reason(tokensOf(source), `${unsigned}.`)).toBe('malformed');
      expect(await reason(tokensOf(source), `${unsigned}.${token.split('.')[2]!}`)).toBe('algorithm');
    }
  });

  it('an access token that names another algorithm than that of its key is refused', async () => {
    const token = await issue();
    for (const alg of Object.keys(SOURCES).filter((name) => name !== source.algorithm)) {
      const header = encode({ ...decode(token, 0), alg });
      expect(await reason(tokensOf(source), `${header}.${token.split('.').slice(1).join('.')}`)).toBe('algorithm');
    }
  });

  it('an access token of a removed key is refused, and of an accepted key verified', async () => {
    const token = await issue();
    expect(await reason(tokensOf({ algorithm: 'HS256', key: 'the next secret, as long as the last' }), token)).toBe(
      'key_unknown',
    );
    const rotated = tokensOf(
      { algorithm: 'HS256', key: 'the next secret, as long as the last' },
      { accepted: [source] },
    );
    expect(await reason(rotated, token)).toBe('accepted');
  });
});

describe('access tokens', () => {
  const tokens = tokensOf(SOURCES.HS256);
  const secret = SOURCES.HS256.key;
  const issue = async (): Promise<string> => (await tokens.issue(USER, LOGIN, 'r')).accessToken;

  it('an access token signed with the public key as an HMAC secret is refused (algorithm confusion)', async () => {
    const rsa = tokensOf(SOURCES.RS256);
    const token = (await rsa.issue(USER, LOGIN, 'r')).accessToken;
    expect(await reason(rsa, forge(token, SOURCES.RS256.key, {}, { alg: 'HS256' }))).toBe('algorithm');
    expect(await reason(rsa, forge(token, SOURCES.RS256.key, {}))).toBe('signature');
  });

  it.each([
    ['a refresh use', { token_use: 'refresh' }],
    ['no use', { token_use: undefined }],
    ['no end', { exp: undefined }],
    ['an end that is text', { exp: '9999999999' }],
    ['an end in fractions', { exp: NOW / 1000 + 60.5 }],
    ['a subject that is no id', { sub: "' OR 1=1 --" }],
    ['no login', { sid: undefined }],
    ['a subject that is a list', { sub: [USER] }],
  ])('a correctly signed access token with %s is refused', async (_, claims) => {
    expect(await reason(tokens, forge(await issue(), secret, claims))).toBe('claims');
  });

  it('an access token without kid is verified with the signing key', async () => {
    expect(await reason(tokens, forge(await issue(), secret, {}, { kid: undefined }))).toBe('accepted');
    expect(
      await reason(tokens, forge(await issue(), 'a wrong secret of thirty-two bytes!!', {}, { kid: undefined })),
    ).toBe('signature');
  });
});
