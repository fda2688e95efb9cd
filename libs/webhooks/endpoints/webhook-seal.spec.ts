import { randomBytes, randomUUID } from 'node:crypto';
import { Secret } from '#config';
import { WebhookSeal } from './webhook-seal.js';
import { webhooksConfig } from '../webhooks.config.js';

const key = () => new Secret(randomBytes(32).toString('base64'));
const refused = expect.objectContaining({ code: 'SEALING_CANNOT_OPEN' });

describe('the seal of webhook secrets', () => {
  const current = key();
  const seal = new WebhookSeal({ encryptionKey: current, previousEncryptionKeys: [] });
  const [endpoint, id] = [randomUUID(), randomUUID()];
  const sealed = seal.seal(endpoint, id, 'whsec_c2VjcmV0');

  it('a sealed secret opens again and does not contain the secret in plain text', () => {
    expect(seal.open(endpoint, id, sealed)).toBe('whsec_c2VjcmV0');
    expect(sealed).not.toContain('c2VjcmV0');
  });

  it('a sealed secret does not open for another endpoint, row or key, or with a changed bit or a shortened tag', () => {
    expect(() => seal.open(randomUUID(), id, sealed)).toThrow(refused);
    expect(() => seal.open(endpoint, randomUUID(), sealed)).toThrow(refused);
    expect(() => seal.open(id, endpoint, sealed)).toThrow(refused);
    expect(() =>
      new WebhookSeal({ encryptionKey: key(), previousEncryptionKeys: [] }).open(endpoint, id, sealed),
    ).toThrow(refused);
    const parts = sealed.split(':');
    for (const length of [0, 4, 8, 12, 15]) {
      const tag = Buffer.from(parts[4]!, 'base64url').subarray(0, length).toString('base64url');
      expect(() => seal.open(endpoint, id, parts.with(4, tag).join(':'))).toThrow(refused);
    }
    for (let at = 0; at < sealed.length; at += 1) {
      const altered = sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1);
      expect(() => seal.open(endpoint, id, altered)).toThrow(refused);
    }
  });

  it('seals secrets with a new key while the old key still opens them', () => {
    const next = key();
    const both = new WebhookSeal({ encryptionKey: next, previousEncryptionKeys: [current] });
    const again = both.rewrap(endpoint, id, sealed)!;
    expect(both.rewrap(endpoint, id, again)).toBeUndefined();
    expect(new WebhookSeal({ encryptionKey: next, previousEncryptionKeys: [] }).open(endpoint, id, again)).toBe(
      'whsec_c2VjcmV0',
    );
  });

  it('a missing key or one of 128 bits stops the start with the fix', () => {
    expect(() => new WebhookSeal({ encryptionKey: undefined, previousEncryptionKeys: [] })).toThrow(
      /WEBHOOK_ENCRYPTION_KEY is not set.*openssl rand -base64 32/,
    );
    for (const weak of [
      randomBytes(16).toString('hex'),
      randomBytes(16).toString('base64'),
      'correct horse battery staple 123',
    ]) {
      const problem = (() => {
        try {
          return webhooksConfig.read({ WEBHOOK_ENCRYPTION_KEY: weak });
        } catch (error) {
          return error;
        }
      })();
      expect((problem as Error).name).toBe('ConfigError');
      expect(String((problem as Error).message)).toMatch(/WEBHOOK_ENCRYPTION_KEY/);
      expect(String((problem as Error).message)).not.toContain(weak);
    }
    expect(() => webhooksConfig.read({ NODE_ENV: 'production' })).toThrow('required in production');
  });
});
