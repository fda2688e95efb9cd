export { sessionsConfig } from './sessions.config.js';
export { SessionsModule } from './sessions.module.js';
export { SessionsService } from './sessions.service.js';
export { SessionTokens } from './session-tokens.service.js';
export { SessionsPanel } from './sessions.panel.js';
