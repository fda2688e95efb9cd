import { apiKeyPrefix, newApiKey } from './opaque-token.js';

describe('API keys', () => {
  it('API keys are never the same twice', () => {
    expect(new Set(Array.from({ length: 1000 }, () => newApiKey().key)).size).toBe(1000);
  });

  it('an API key gives its prefix, unless a character is wrong', () => {
    const { key, prefix } = newApiKey();
    expect(apiKeyPrefix(key)).toBe(prefix);
    const wrong = key.slice(0, 30) + (key[30] === 'a' ? 'b' : 'a') + key.slice(31);
    expect(apiKeyPrefix(wrong)).toBeUndefined();
    expect(apiKeyPrefix(`${key}0`)).toBeUndefined();
    expect(apiKeyPrefix('dwk_')).toBeUndefined();
  });
});
