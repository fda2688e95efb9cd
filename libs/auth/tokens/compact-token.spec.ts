import { Refusal } from '../refusal.js';
import { MAX_TOKEN_BYTES, readHeader } from './compact-token.js';

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const token = (header: unknown): string => `${part(header)}.${part({ sub: 'x' })}.c2lnbmF0dXJl`;

function reason(text: string): string {
  try {
    readHeader(text);
  } catch (error) {
    if (error instanceof Refusal) return error.reason;
    throw error;
  }
  return 'accepted';
}

describe('the strict look at a token', () => {
  it('the header of a well-formed token gives alg and kid', () => {
    expect(readHeader(token({ alg: 'HS256', typ: 'JWT', kid: 'k1' }))).toEqual({ alg: 'HS256', kid: 'k1' });
  });

  it.each([
    ['nothing', ''],
    ['one part', 'abc'],
    ['two parts', 'e30.e30'],
    ['no signature, as alg none has it', `${part({ alg: 'none' })}.${part({})}.`],
    ['five parts, an encrypted one', 'e30.e30.e30.e30.e30'],
    ['a space', `${token({ alg: 'HS256' })} `],
    ['a line feed at its end', `${token({ alg: 'HS256' })}\n`],
    ['padding', `${part({ alg: 'HS256' })}=.e30.e30`],
    ['the alphabet of plain base64', `${part({ alg: 'HS256' })}.e30.ab+/`],
    ['bits that base64url leaves unused', `${part({ alg: 'HS256' })}.e31.e30`],
    ['a part of impossible length', `${part({ alg: 'HS256' })}.e30.abcde`],
    ['a header that is not JSON', 'bm90anNvbg.e30.e30'],
    ['a header that is a list', `${part([1])}.e30.e30`],
    ['a header that is null', `${part(null)}.e30.e30`],
    ['an embedded key', token({ alg: 'HS256', jwk: { kty: 'oct', k: 'eA' } })],
    ['an address to fetch a key from', token({ alg: 'HS256', jku: 'https://evil.example/jwks' })],
    ['critical extensions', token({ alg: 'HS256', crit: ['b64'], b64: false })],
    ['another type', token({ alg: 'HS256', typ: 'dpop+jwt' })],
    ['a kid that is no text', token({ alg: 'HS256', kid: 7 })],
  ])('a token with %s is refused as malformed', (_, text) => {
    expect(reason(text)).toBe('malformed');
  });

  it('a token without an algorithm in its header is refused', () => {
    expect(reason(token({ typ: 'JWT' }))).toBe('algorithm');
  });

  it('a token of 100 KB is refused before it is parsed', () => {
    expect(reason('a'.repeat(100_000))).toBe('too_long');
    expect(reason(`${'a'.repeat(MAX_TOKEN_BYTES)}.`)).toBe('too_long');
  });
});
