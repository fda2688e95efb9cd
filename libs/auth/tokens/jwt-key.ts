import type { KeyObject } from 'node:crypto';

export const JWT_ALGORITHMS = ['HS256', 'RS256', 'ES256', 'EdDSA'] as const;

export type JwtAlgorithm = (typeof JWT_ALGORITHMS)[number];

/** The claims that every token must have, whatever key signed it. */
export interface Expectations {
  issuer: string;
  audience: string;
}

/** Tolerated difference between the clocks of two machines, seconds. */
export const LEEWAY_SECONDS = 30;

/** One key of the ring with its only algorithm. A token that names another algorithm is refused before. */
export interface JwtKey {
  readonly kid: string;
  readonly algorithm: JwtAlgorithm;
  /** @throws Error if this key can only verify */
  sign(claims: Record<string, unknown>): Promise<string>;
  /**
   * Verifies signature, iss, aud, exp and nbf.
   * @param nowSeconds since the epoch
   * @throws Refusal
   */
  verify(token: string, nowSeconds: number): Promise<Record<string, unknown>>;
}

/** Parsed key material: a secret for HS256, otherwise a public key and, for the signing key, its private half. */
export interface KeyMaterial {
  kid: string;
  algorithm: JwtAlgorithm;
  verifyWith: string | KeyObject;
  signWith: string | KeyObject | undefined;
}
