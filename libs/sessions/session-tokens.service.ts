import { Injectable } from '@nestjs/common';
import { Secret } from '#config';
import { Clock } from '#time';
import type { SessionKey } from './session-row.js';
import { SessionSeal } from './session-seal.js';
import { noActiveSession } from './sessions.errors.js';
import { SessionsRepository } from './sessions.repository.js';

/** A broker's token in clear, in a type that cannot be printed. */
export interface OpenToken {
  token: Secret;
  tokenEpoch: number;
  expiresAt: Date;
}

/** Opens the tokens of broker sessions; nothing else does. */
@Injectable()
export class SessionTokens {
  constructor(
    private readonly sessions: SessionsRepository,
    private readonly seal: SessionSeal,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError SESSIONS_NOT_ACTIVE, SEALING_CANNOT_OPEN */
  async open({ userId, broker, account }: SessionKey): Promise<OpenToken> {
    const key = { userId, broker, account };
    const row = await this.sessions.sealedToken(key, this.clock.now());
    if (row === undefined) throw noActiveSession(broker, account);
    return { token: new Secret(this.seal.open(key, row.sealed)), tokenEpoch: row.tokenEpoch, expiresAt: row.expiresAt };
  }
}
