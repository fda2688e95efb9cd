import type { KeyObject } from 'node:crypto';
import { errors, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { Refusal, type RefusalReason } from '../refusal.js';
import { type Expectations, type JwtKey, type KeyMaterial, LEEWAY_SECONDS } from './jwt-key.js';

/** EdDSA (Ed25519) with jose, because the library under @nestjs/jwt does not support it. */
export class EdwardsJwtKey implements JwtKey {
  readonly algorithm = 'EdDSA';
  readonly kid: string;

  constructor(
    private readonly material: KeyMaterial,
    private readonly expected: Expectations,
  ) {
    this.kid = material.kid;
  }

  async sign(claims: Record<string, unknown>): Promise<string> {
    const key = this.material.signWith;
    if (key === undefined) throw new Error(`The key ${this.kid} only verifies; tokens are signed with JWT_SECRET_KEY.`);
    return new SignJWT(claims as JWTPayload)
      .setProtectedHeader({ alg: 'EdDSA', typ: 'JWT', kid: this.kid })
      .sign(key as KeyObject);
  }

  async verify(token: string, nowSeconds: number): Promise<Record<string, unknown>> {
    try {
      const { payload } = await jwtVerify(token, this.material.verifyWith as KeyObject, {
        algorithms: ['EdDSA'],
        issuer: this.expected.issuer,
        audience: this.expected.audience,
        clockTolerance: LEEWAY_SECONDS,
        currentDate: new Date(nowSeconds * 1000),
      });
      return payload;
    } catch (error) {
      throw new Refusal(reasonOf(error));
    }
  }
}

function reasonOf(error: unknown): RefusalReason {
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'signature';
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'iss') return 'issuer';
    if (error.claim === 'aud') return 'audience';
    if (error.claim === 'nbf') return 'not_yet_valid';
  }
  return 'claims';
}
