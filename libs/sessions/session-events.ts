import { z } from 'zod';
import { defineEvent } from '#events';

/** What every event of a session says; never the token. */
const payload = z.strictObject({
  sessionId: z.uuid(),
  account: z.string(),
  loginMethod: z.string(),
  /** Which token of the session it was, counted from 1. */
  tokenEpoch: z.number().int().min(1),
  expiresAt: z.iso.datetime({ offset: true }),
});

/** A session that was not there, had ended or had been closed has a token. */
defineEvent('SessionOpened', 1, payload);
/** A session has another token than before. */
defineEvent('SessionTokenChanged', 1, payload);
/** Its end is nearer than SESSIONS_EXPIRY_WARNING_MS; told once a token. */
defineEvent('SessionExpiring', 1, payload);
/** Its end has come; the token is erased. */
defineEvent('SessionExpired', 1, payload);
/** Its owner or an operator closed it; the token is erased. */
defineEvent('SessionClosed', 1, payload);

/** The payload above, of a row of trading_sessions, in SQL. */
export const PAYLOAD_SQL = `jsonb_build_object('sessionId', id, 'account', account, 'loginMethod', login_method,
  'tokenEpoch', token_epoch, 'expiresAt', expires_at)`;
