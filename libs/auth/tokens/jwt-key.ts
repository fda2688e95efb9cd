import type { KeyObject } from 'node:crypto';

export const JWT_ALGORITHMS = ['HS256', 'RS256', 'ES256', 'EdDSA'] as const;

export type JwtAlgorithm = (typeof JWT_ALGORITHMS)[number];

/** What every token must say, whichever key signed it. */
export interface Expectations {
  issuer: string;
  audience: string;
}

/** Between the clocks of two machines, seconds. */
export const LEEWAY_SECONDS = 30;

/** One key of the ring with its one algorithm; a token naming another algorithm never reaches it. */
export interface JwtKey {
  readonly kid: string;
  readonly algorithm: JwtAlgorithm;
  /** @throws Error if this key can only verify */
  sign(claims: Record<string, unknown>): Promise<string>;
  /**
   * Signature, iss, aud, exp and nbf.
   * @param nowSeconds since the epoch
   * @throws Refusal
   */
  verify(token: string, nowSeconds: number): Promise<Record<string, unknown>>;
}

/** Key material ready for use; `secret` for HS256, else a public key and, for the signing one, its private half. */
export interface KeyMaterial {
  kid: string;
  algorithm: JwtAlgorithm;
  verifyWith: string | KeyObject;
  signWith: string | KeyObject | undefined;
}
