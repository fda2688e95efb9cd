export {
  SessionClosed,
  SessionExpired,
  SessionExpiring,
  SessionOpened,
  SessionTokenChanged,
} from './session-events.js';
export { SessionExpiry } from './session-expiry.js';
export type { SessionKey, SessionSummary } from './session-row.js';
export { type OpenToken, SessionTokens } from './session-tokens.service.js';
export { sessionsConfig, type SessionsConfig } from './sessions.config.js';
export { SessionsModule } from './sessions.module.js';
export { SessionsRepository } from './sessions.repository.js';
export { SessionsService } from './sessions.service.js';
