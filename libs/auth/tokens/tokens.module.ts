import { Module } from '@nestjs/common';
import { authConfig, type AuthConfig } from '../auth.config.js';
import { AccessTokens } from './access-tokens.js';
import { JwtKeyRing } from './jwt-key-ring.js';
import { RefreshTokens } from './refresh-tokens.js';

/** Makes and verifies tokens; reads no table. */
@Module({
  providers: [
    { provide: AccessTokens, inject: [authConfig.token], useFactory: accessTokens },
    { provide: RefreshTokens, inject: [authConfig.token], useFactory: refreshTokens },
  ],
  exports: [AccessTokens, RefreshTokens],
})
export class TokensModule {}

/** @throws ConfigError without a key. Whether a key fits its algorithm was checked with the settings */
function accessTokens(config: AuthConfig): AccessTokens {
  const { jwtSecretKey, jwtAlgorithm, jwtVerifyKeys = [] } = config;
  if (jwtSecretKey === undefined)
    throw authConfig.error([
      {
        key: 'JWT_SECRET_KEY',
        seen: 'nothing',
        expected: 'a secret of at least 32 bytes (try: openssl rand -base64 32)',
      },
    ]);
  const expected = { issuer: config.jwtIssuer, audience: config.jwtAudience };
  const ring = new JwtKeyRing(
    { algorithm: jwtAlgorithm, key: jwtSecretKey.reveal() },
    jwtVerifyKeys.map(({ alg, key }) => ({ algorithm: alg ?? jwtAlgorithm, key: key.reveal() })),
    expected,
  );
  return new AccessTokens(ring, expected, config.jwtExpireMinutes * 60);
}

function refreshTokens({ jwtSecretKey, jwtVerifyKeys = [] }: AuthConfig): RefreshTokens {
  return new RefreshTokens([jwtSecretKey, ...jwtVerifyKeys.map(({ key }) => key)].map((key) => key!.reveal()));
}
