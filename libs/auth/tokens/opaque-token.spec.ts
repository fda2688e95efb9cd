import { apiKeyPrefix, isRefreshToken, newApiKey, newRefreshToken } from './opaque-token.js';

describe('opaque tokens', () => {
  it('are never the same twice', () => {
    expect(new Set(Array.from({ length: 1000 }, newRefreshToken)).size).toBe(1000);
  });

  it('are told from anything else by their form', () => {
    expect(isRefreshToken(newRefreshToken())).toBe(true);
    expect(isRefreshToken(`${newRefreshToken()}x`)).toBe(false);
    expect(isRefreshToken(newApiKey().key)).toBe(false);
  });

  it('give a machine key by its prefix, unless a character is wrong', () => {
    const { key, prefix } = newApiKey();
    expect(apiKeyPrefix(key)).toBe(prefix);
    const wrong = key.slice(0, 30) + (key[30] === 'a' ? 'b' : 'a') + key.slice(31);
    expect(apiKeyPrefix(wrong)).toBeUndefined();
    expect(apiKeyPrefix(`${key}0`)).toBeUndefined();
    expect(apiKeyPrefix('dwk_')).toBeUndefined();
  });
});
