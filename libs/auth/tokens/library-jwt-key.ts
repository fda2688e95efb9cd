import { JwtService, type JwtSignOptions } from '@nestjs/jwt';
import { Refusal, type RefusalReason } from '../refusal.js';
import { type Expectations, type JwtAlgorithm, type JwtKey, type KeyMaterial, LEEWAY_SECONDS } from './jwt-key.js';

/** HS256, RS256 and ES256 with @nestjs/jwt. Each key has its own JwtService, which pins the algorithm of the key. */
export class LibraryJwtKey implements JwtKey {
  readonly kid: string;
  readonly algorithm: JwtAlgorithm;
  readonly #jwt: JwtService;
  readonly #canSign: boolean;

  constructor(material: KeyMaterial, expected: Expectations) {
    this.kid = material.kid;
    this.algorithm = material.algorithm;
    this.#canSign = material.signWith !== undefined;
    const algorithm = material.algorithm as NonNullable<JwtSignOptions['algorithm']>;
    this.#jwt = new JwtService({
      // One secret to sign and verify, or the two halves of a pair.
      ...(typeof material.verifyWith === 'string'
        ? { secret: material.verifyWith }
        : { publicKey: material.verifyWith, privateKey: material.signWith as never }),
      signOptions: { algorithm, header: { alg: algorithm, typ: 'JWT', kid: material.kid } },
      verifyOptions: {
        algorithms: [algorithm],
        issuer: expected.issuer,
        audience: expected.audience,
        clockTolerance: LEEWAY_SECONDS,
      },
    });
  }

  async sign(claims: Record<string, unknown>): Promise<string> {
    if (!this.#canSign) throw new Error(`The key ${this.kid} only verifies; tokens are signed with JWT_SECRET_KEY.`);
    return this.#jwt.signAsync(claims);
  }

  async verify(token: string, nowSeconds: number): Promise<Record<string, unknown>> {
    try {
      return await this.#jwt.verifyAsync(token, { clockTimestamp: nowSeconds });
    } catch (error) {
      throw new Refusal(reasonOf(error));
    }
  }
}

function reasonOf(error: unknown): RefusalReason {
  const { name, message } = error as Error;
  if (name === 'TokenExpiredError') return 'expired';
  if (name === 'NotBeforeError') return 'not_yet_valid';
  if (message.startsWith('jwt issuer')) return 'issuer';
  if (message.startsWith('jwt audience')) return 'audience';
  if (message === 'invalid signature') return 'signature';
  return 'claims';
}
