import { putSessionSchema } from './session.dto.js';

const GOOD = {
  broker: 'zerodha',
  account: 'AB1234',
  accessToken: 'a-token-of-some-length',
  loginMethod: 'totp',
  expiresAt: '2031-01-01T05:30:00+05:30',
  details: { clientCode: 'AB1234', tokenType: 'Bearer', instrument_token: 408065, totp: true },
};

/** The fields that a body is refused for; empty if it is taken. */
function refusedFor(body: unknown): string[] {
  const result = putSessionSchema.safeParse(body);
  return result.success
    ? []
    : result.error.issues.map((issue) =>
        issue.code === 'unrecognized_keys' ? issue.keys.join() : issue.path.join('.'),
      );
}

const nested = (levels: number): unknown => (levels === 0 ? 1 : { a: nested(levels - 1) });

describe('the body of PUT /v1/sessions', () => {
  it('the body of a session is accepted unchanged, with or without details', () => {
    expect(refusedFor(GOOD)).toEqual([]);
    const { details: _, ...without } = GOOD;
    expect(putSessionSchema.parse(without).details).toEqual({});
  });

  it.each(['broker', 'account', 'accessToken', 'loginMethod', 'expiresAt'])(
    'a session without %s is refused, naming the field',
    (field) => {
      expect(refusedFor({ ...GOOD, [field]: undefined })).toEqual([field]);
    },
  );

  it.each(['broker', 'account', 'accessToken', 'loginMethod', 'expiresAt', 'details'])(
    'a session with a wrong or huge %s is refused, naming the field',
    (field) => {
      for (const wrong of [null, 7, true, [], '', '\0', '\ud800', 'x'.repeat(20_000)]) {
        if (field === 'details' && typeof wrong === 'object' && wrong !== null) continue;
        expect(refusedFor({ ...GOOD, [field]: wrong })).toEqual(expect.arrayContaining([field]));
      }
    },
  );

  it.each([
    '2031-01-01T00:00:00',
    '2031-01-01',
    '1999-12-31T23:59:59Z',
    '2200-01-01T00:00:00Z',
    '0000-01-01T00:00:00Z',
    '2031-02-30T00:00:00Z',
  ])('a session with the expiry %s is refused', (expiresAt) =>
    expect(refusedFor({ ...GOOD, expiresAt })).toContain('expiresAt'),
  );

  it('a session with an unknown field is refused', () => {
    expect(refusedFor({ ...GOOD, userId: 'someone else' })).toEqual(['userId']);
    expect(refusedFor('a text')).toEqual(['']);
    expect(refusedFor(null)).toEqual(['']);
  });

  it('details are limited to 8 levels and 16 KiB, and 100,000 levels are refused without a stack overflow', () => {
    expect(refusedFor({ ...GOOD, details: nested(8) })).toEqual([]);
    expect(refusedFor({ ...GOOD, details: nested(9) })).toEqual(['details.a.a.a.a.a.a.a.a']);
    const bomb = JSON.parse('{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000)) as unknown;
    expect(refusedFor({ ...GOOD, details: bomb })).toEqual(['details.a.a.a.a.a.a.a.a']);
    expect(refusedFor({ ...GOOD, details: { a: 'x'.repeat(16 * 1024 - 8) } })).toEqual([]);
    expect(refusedFor({ ...GOOD, details: { a: 'x'.repeat(16 * 1024 - 7) } })).toEqual(['details']);
    expect(refusedFor({ ...GOOD, details: { a: 'ключ'.repeat(3000) } })).toEqual(['details']);
  });

  it.each([
    ['U+0000 in a text', { a: ['\0'] }, 'details.a.0'],
    ['U+0000 in a name', { 'a\0': 1 }, 'details.a\0'],
    ['half a surrogate pair', { a: '\ud800' }, 'details.a'],
    ['a number no double holds', { a: { b: 12345678901234567890 } }, 'details.a.b'],
    ['an infinite number', { a: 1e999 }, 'details.a'],
  ])('details with %s are refused', (_what, details, path) => {
    expect(refusedFor({ ...GOOD, details })).toEqual([path]);
  });

  it.each([
    'access_token',
    'enctoken',
    'refreshToken',
    'publicToken',
    'apiKey',
    'api_secret',
    'password',
    'PIN',
    'mpin',
    'privateKey',
  ])('details with a secret named %s are refused, because they are stored in clear', (name) =>
    expect(refusedFor({ ...GOOD, details: { answer: [{ [name]: 'hunter2' }] } })).toEqual([`details.answer.0.${name}`]),
  );

  it('a session is refused when its second token appears outside of feedToken', () => {
    const feedToken = 'a-second-token';
    expect(refusedFor({ ...GOOD, feedToken })).toEqual([]);
    expect(refusedFor({ ...GOOD, feedToken, details: { note: `x ${feedToken}` } })).toEqual(['details']);
    expect(refusedFor({ ...GOOD, feedToken: 'a\0b' })).toEqual(['feedToken']);
  });

  it('a session is refused when its token also appears outside of accessToken', () => {
    expect(refusedFor({ ...GOOD, details: { note: `use ${GOOD.accessToken} here` } })).toEqual(['details']);
    expect(refusedFor({ ...GOOD, details: { [GOOD.accessToken]: 1 } })).toEqual(['details']);
    expect(refusedFor({ ...GOOD, account: GOOD.accessToken })).toEqual(['details']);
  });
});
