import type { Secret } from '#config';

/** A secret that all processes of the desk have. It seals what they share in Redis. */
export abstract class CacheSecret {
  /** Undefined: this process shares nothing. */
  abstract readonly secret: Secret | undefined;
}
