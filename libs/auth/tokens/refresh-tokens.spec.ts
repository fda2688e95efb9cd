import { newApiKey, tokenHash } from './opaque-token.js';
import { isRefreshToken, RefreshTokens } from './refresh-tokens.js';

const OLD = 'the secret of yesterday, thirty-two bytes';
const NEW = 'the secret of today, thirty-two bytes too';

describe('refresh tokens', () => {
  const tokens = new RefreshTokens([NEW]);
  const chainOf = (first: string, length: number, maker = tokens): string[] => {
    const chain = [first];
    while (chain.length <= length) chain.push(maker.successorOf(chain.at(-1)!));
    return chain.slice(1);
  };

  it('the first refresh token of a login is random', () => {
    expect(new Set(Array.from({ length: 1000 }, () => tokens.first())).size).toBe(1000);
  });

  it('refresh tokens are recognised by their form', () => {
    const first = tokens.first();
    for (const token of [first, tokens.successorOf(first)]) expect(isRefreshToken(token)).toBe(true);
    expect(isRefreshToken(`${first}x`)).toBe(false);
    expect(isRefreshToken(newApiKey().key)).toBe(false);
  });

  it('a refresh token has the same successor in every process with the same key, and another one with another key', () => {
    const first = tokens.first();
    expect(new RefreshTokens([NEW]).successorOf(first)).toBe(tokens.successorOf(first));
    expect(new RefreshTokens([OLD]).successorOf(first)).not.toBe(tokens.successorOf(first));
    expect(new Set(chainOf(first, 100)).size).toBe(100);
  });

  it('a refresh token leads to the last of its successors, but only with the key that derived them', () => {
    const first = tokens.first();
    const chain = chainOf(first, 5);
    const hashes = chain.map(tokenHash);
    expect(tokens.follow(first, hashes)).toBe(chain[4]);
    expect(tokens.follow(first, hashes.slice(0, 1))).toBe(chain[0]);
    expect(tokens.follow(tokens.first(), hashes)).toBeUndefined();
    expect(new RefreshTokens([OLD]).follow(first, hashes)).toBeUndefined();
  });

  it('a chain of refresh tokens can be followed across a change of keys', () => {
    const first = tokens.first();
    const before = chainOf(first, 2, new RefreshTokens([OLD]));
    const after = chainOf(before[1]!, 2, new RefreshTokens([NEW]));
    const hashes = [...before, ...after].map(tokenHash);
    expect(new RefreshTokens([NEW, OLD]).follow(first, hashes)).toBe(after[1]);
    expect(new RefreshTokens([OLD, NEW]).follow(first, hashes)).toBe(after[1]);
    expect(new RefreshTokens([NEW]).follow(first, hashes)).toBeUndefined();
  });

  it('a refresh token has the same successor whether the line feeds of a PEM key are written as one or two characters', () => {
    const pem = '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n';
    const first = tokens.first();
    const one = new RefreshTokens([pem.trim().replaceAll('\n', '\\n')]).successorOf(first);
    expect(new RefreshTokens([pem]).successorOf(first)).toBe(one);
  });
});
