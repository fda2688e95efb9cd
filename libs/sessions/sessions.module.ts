import { Module } from '@nestjs/common';
import { ChangesModule } from '#changes';
import { EventsModule } from '#events';
import { declareMetrics } from '#metrics';
import { SessionExpiry } from './session-expiry.js';
import { SessionExpiryRepository } from './session-expiry.repository.js';
import { SessionSavesRepository } from './session-saves.repository.js';
import { SessionSaving } from './session-saving.js';
import { SessionSeal } from './session-seal.js';
import { SessionTokens } from './session-tokens.service.js';
import { sessionsConfig, type SessionsConfig } from './sessions.config.js';
import { SessionsController } from './sessions.controller.js';
import { SessionsRepository } from './sessions.repository.js';
import { SessionsService } from './sessions.service.js';
import { SessionsPanel } from './sessions.panel.js';

const sessionsMetrics = declareMetrics('sessions', {
  sessions_upserts_total: {
    type: 'counter',
    help: 'Saved broker sessions, by outcome: opened, token_changed, updated, unchanged',
    labels: { outcome: ['opened', 'token_changed', 'updated', 'unchanged'] },
  },
  sessions_active: { type: 'gauge', help: 'Broker sessions with a token that has not expired, at the last check' },
  sessions_expired_total: { type: 'counter', help: 'Broker sessions that this process marked as expired' },
});

/** The broker sessions of users: saves them, expires them, and opens their tokens for trading. */
@Module({
  imports: [ChangesModule, EventsModule],
  controllers: [SessionsController],
  providers: [
    SessionsPanel,
    ...sessionsMetrics,
    {
      provide: SessionSeal,
      inject: [sessionsConfig.token],
      useFactory: (config: SessionsConfig) => new SessionSeal(config),
    },
    SessionExpiry,
    SessionExpiryRepository,
    SessionSavesRepository,
    SessionSaving,
    SessionsRepository,
    SessionsService,
    SessionTokens,
  ],
  exports: [SessionExpiry, SessionsPanel, SessionsRepository, SessionsService, SessionTokens],
})
export class SessionsModule {}
