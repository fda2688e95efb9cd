import type { SessionView } from './session.dto.js';
import type { LoginMethod, SessionState } from './trading-session.entity.js';

/** A row of trading_sessions without its token, as SESSION_COLUMNS selects it. */
export interface SessionRow {
  id: string;
  userId: string;
  broker: string;
  account: string;
  loginMethod: LoginMethod;
  state: SessionState;
  isActive: boolean;
  tokenEpoch: number;
  expiresAt: Date;
  details: Record<string, unknown>;
  createdAt: Date;
  updatedAt: Date;
}

/** The columns that the dashboard shows. */
export type SessionSummary = Omit<SessionRow, 'details' | 'createdAt'>;

/** Identifies a session; its sealed token is bound to this. */
export interface SessionKey {
  userId: string;
  broker: string;
  account: string;
}

export const SESSION_SUMMARY_COLUMNS = `id, user_id AS "userId", broker, account, login_method AS "loginMethod", state,
  is_active AS "isActive", token_epoch AS "tokenEpoch", expires_at AS "expiresAt", updated_at AS "updatedAt"`;

export const SESSION_COLUMNS = `${SESSION_SUMMARY_COLUMNS}, details, created_at AS "createdAt"`;

export function toSessionView(row: SessionRow): SessionView {
  const { id, userId, broker, account, loginMethod, state, isActive, tokenEpoch, details } = row;
  const times = {
    expiresAt: row.expiresAt.toISOString(),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
  return { id, userId, broker, account, loginMethod, state, isActive, tokenEpoch, details, ...times };
}
