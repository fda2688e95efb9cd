import { redact, redactText } from './redact.js';

describe('A log line', () => {
  it('a log line has no value of a secret key, at any depth', () => {
    const line = redact({
      user: { password: 'hunter2', profile: { accessToken: 'abc', api_key: 'k', list: [{ Authorization: 'x' }] } },
    });
    expect(JSON.stringify(line)).not.toMatch(/hunter2|abc|"k"|"x"/);
  });

  it('a log line keeps numbers and flags under secret keys: a token epoch is not a token', () => {
    expect(redact({ token_epoch: 3, tokenChanged: true })).toEqual({ token_epoch: 3, tokenChanged: true });
  });

  it('a log line has no token, credential or database password inside a text', () => {
    const jwt = `eyJ${'a'.repeat(20)}.eyJ${'b'.repeat(20)}.${'c'.repeat(20)}`;
    const text = redactText(`got ${jwt}, Bearer abcdef123456, postgresql://desk:hunter2@db/desk`);
    expect(text).toBe('got [jwt], Bearer [secret], postgresql://desk:[secret]@db/desk');
  });

  it('an error is logged with its causes and without fields that a driver added', () => {
    const error = Object.assign(new Error('failed', { cause: new Error('deeper') }), {
      code: '23505',
      parameters: ['s3cret'],
      query: 'INSERT',
    });
    const told = redact({ err: error }) as { err: Record<string, unknown> };
    expect(told.err).toMatchObject({ type: 'Error', message: 'failed', code: '23505', cause: { message: 'deeper' } });
    expect(JSON.stringify(told)).not.toContain('s3cret');
  });

  it('a log line bounds cycles, depth, long lists, long texts and big numbers', () => {
    const cycle: Record<string, unknown> = {
      big: 1n,
      text: 'x'.repeat(10_000),
      list: Array.from({ length: 1_000 }, (_, i) => i),
    };
    cycle['self'] = cycle;
    expect(JSON.stringify(redact(cycle)).length).toBeLessThan(40_000);
  });
});
