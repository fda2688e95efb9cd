export { sessionsConfig } from './sessions.config.js';
export { SessionsModule } from './sessions.module.js';
export { SessionsRepository } from './sessions.repository.js';
export { SessionsService } from './sessions.service.js';
