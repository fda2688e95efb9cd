import { z } from 'zod';
import { publishSchemas } from '#schemas';
import { defineEvent } from '#events';

/** Payload of every session event; never the token. */
const payload = z.strictObject({
  sessionId: z.uuid(),
  account: z.string(),
  loginMethod: z.string(),
  /** The number of the token within its session, counted from 1. */
  tokenEpoch: z.number().int().min(1),
  expiresAt: z.iso.datetime({ offset: true }),
});
publishSchemas({ SessionPayload: payload });

/** A new, expired or closed session received a token. */
defineEvent('SessionOpened', 1, payload);
/** An open session received another token. */
defineEvent('SessionTokenChanged', 1, payload);
/** The session expires within the warning time; recorded once for each token. */
defineEvent('SessionExpiring', 1, payload);
/** The session expired and its token was erased. */
defineEvent('SessionExpired', 1, payload);
/** Its owner or an operator closed the session, and its token was erased. */
defineEvent('SessionClosed', 1, payload);

/** The payload above as SQL over a row of trading_sessions. */
export const PAYLOAD_SQL = `jsonb_build_object('sessionId', id, 'account', account, 'loginMethod', login_method,
  'tokenEpoch', token_epoch, 'expiresAt', expires_at)`;
