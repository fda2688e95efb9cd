import { type AuthConfig, authConfig } from '#auth/config';

/**
 * What the processes share in Redis is sealed by a key derived from the one that signs tokens: who could forge a cached
 * login could as well forge a token.
 */
export const cacheSecret = {
  inject: [authConfig.token],
  useFactory: ({ jwtSecretKey }: AuthConfig) => ({ secret: jwtSecretKey }),
};
