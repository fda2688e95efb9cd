import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Secret } from '#config';
import { Startup } from '#database';
import {
  countStored,
  missingKeys,
  type RewrappedKind,
  rewrapStored,
  type SealedKind,
  type SealedStore,
} from '#sealing';
import { Clock } from '#time';
import type { SessionKey } from './session-row.js';
import { SessionSeal, unpackTokens } from './session-seal.js';
import { sessionsConfig } from './sessions.config.js';
import { noActiveSession } from './sessions.errors.js';
import { type SealedTokenRow, SessionsRepository } from './sessions.repository.js';

/** A broker's tokens in clear, in a type that cannot be printed. */
export interface OpenToken {
  token: Secret;
  /** The second token, for market data, if the broker has one. */
  feedToken: Secret | undefined;
  tokenEpoch: number;
  expiresAt: Date;
}

/** Opens the tokens of broker sessions; nothing else does. */
@Injectable()
export class SessionTokens implements OnModuleInit {
  private readonly logger = new Logger('Sessions');

  constructor(
    private readonly sessions: SessionsRepository,
    private readonly seal: SessionSeal,
    private readonly clock: Clock,
    private readonly startup: Startup,
  ) {}

  onModuleInit(): void {
    this.startup.addStep('checks', 'keys of broker tokens', async () => {
      for (const warning of missingKeys(await this.sealed())) this.logger.warn(warning);
    });
  }

  /** @throws DomainError SESSIONS_NOT_ACTIVE, SEALING_CANNOT_OPEN */
  async open({ userId, broker, account }: SessionKey): Promise<OpenToken> {
    const key = { userId, broker, account };
    const row = await this.sessions.sealedToken(key, this.clock.now());
    if (row === undefined) throw noActiveSession(broker, account);
    const { accessToken, feedToken } = unpackTokens(this.seal.open(key, row.sealed));
    return {
      token: new Secret(accessToken),
      feedToken: feedToken === undefined ? undefined : new Secret(feedToken),
      tokenEpoch: row.tokenEpoch,
      expiresAt: row.expiresAt,
    };
  }

  /** Seals every token with the current key, while sessions are saved and read. Safe to repeat. */
  rewrap(): Promise<RewrappedKind> {
    return rewrapStored(this.store);
  }

  /** The stored tokens by key. Changes nothing. */
  sealed(): Promise<SealedKind> {
    return countStored(this.store);
  }

  private get store(): SealedStore<SealedTokenRow> {
    return {
      kind: 'broker tokens',
      setting: sessionsConfig.settings.encryptionKey.key,
      sealer: this.seal,
      sealedOtherwise: (keyId, afterId, limit) => this.sessions.tokensSealedOtherwise(keyId, afterId, limit),
      countByKey: () => this.sessions.countTokensByKey(),
      // With a fingerprint of the current key too, the same token is the same after the earlier key is gone.
      rewrapRow: (row) => {
        const token = this.seal.open(row, row.sealed);
        return this.sessions.replaceToken(row, this.seal.seal(row, token), this.seal.fingerprints(row, token)[0]!);
      },
    };
  }
}
