import { createSealer, type Sealer } from '#sealing';
import type { SessionKey } from './session-row.js';
import type { SessionsConfig } from './sessions.config.js';
import { noEncryptionKey } from './sessions.errors.js';

/** The tokens of a session. Some brokers have a second one for market data. */
export interface BrokerTokens {
  accessToken: string;
  feedToken?: string | undefined;
}

/** No token contains it. */
const SEPARATOR = '\0';

/** Both tokens as one text, so that one value is sealed, rotated and withheld; an access token alone stays as it is. */
export function packTokens({ accessToken, feedToken }: BrokerTokens): string {
  return feedToken === undefined ? accessToken : accessToken + SEPARATOR + feedToken;
}

export function unpackTokens(packed: string): BrokerTokens {
  const [accessToken, feedToken] = packed.split(SEPARATOR);
  return { accessToken: accessToken!, feedToken };
}

/** Seals the tokens of sessions. Each is bound to its table, column and session, and opens nowhere else. */
export class SessionSeal {
  private readonly sealer: Sealer;

  /** @throws Error without a key, so that the app refuses to start instead of failing at the first save */
  constructor(config: Pick<SessionsConfig, 'encryptionKey' | 'previousEncryptionKeys'>) {
    if (config.encryptionKey === undefined) throw noEncryptionKey();
    const previous = config.previousEncryptionKeys.map((key) => key.reveal());
    this.sealer = createSealer(config.encryptionKey.reveal(), previous);
  }

  get keyIds(): readonly string[] {
    return this.sealer.keyIds;
  }

  seal(key: SessionKey, token: string): string {
    return this.sealer.seal(token, boundTo(key));
  }

  open(key: SessionKey, sealed: string): string {
    return this.sealer.open(sealed, boundTo(key));
  }

  /** HMACs of the tokens under each key, the current one first. */
  fingerprints(key: SessionKey, token: string): Buffer[] {
    return this.sealer.fingerprints(token, boundTo(key));
  }
}

function boundTo({ userId, broker, account }: SessionKey): string {
  return JSON.stringify(['trading_sessions', 'access_token', userId, broker, account]);
}
