import { ConfigError } from '#config';
import type { AuthConfig } from '../auth.config.js';
import { KeyRing } from './key-ring.js';

/** The ring of JWT_SECRET_KEY and JWT_VERIFY_KEYS. @throws ConfigError if a key does not fit its algorithm */
export function keyRing(config: AuthConfig): KeyRing {
  const { jwtSecretKey, jwtAlgorithm, jwtVerifyKeys = [] } = config;
  if (jwtSecretKey === undefined)
    throw wrong('nothing', 'a secret of at least 32 bytes (try: openssl rand -base64 32)');
  try {
    return new KeyRing(
      { algorithm: jwtAlgorithm, key: jwtSecretKey.reveal() },
      jwtVerifyKeys.map(({ alg, key }) => ({ algorithm: alg ?? jwtAlgorithm, key: key.reveal() })),
      { issuer: config.jwtIssuer, audience: config.jwtAudience },
    );
  } catch (error) {
    throw wrong('[secret]', (error as Error).message);
  }
}

function wrong(seen: string, expected: string): ConfigError {
  return new ConfigError([{ key: 'JWT_SECRET_KEY', seen, expected }]);
}
