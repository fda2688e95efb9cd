import { Module } from '@nestjs/common';
import { makeCounterProvider, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import { ChangesModule } from '#changes';
import { EventsModule } from '#events';
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

const sessionsMetrics = [
  makeCounterProvider({
    name: 'sessions_upserts_total',
    help: 'Saved broker sessions, by outcome: opened, token_changed, updated, unchanged',
    labelNames: ['outcome'],
  }),
  makeGaugeProvider({
    name: 'sessions_active',
    help: 'Broker sessions with a token that has not expired, at the last check',
  }),
  makeCounterProvider({ name: 'sessions_expired_total', help: 'Broker sessions that this process marked as expired' }),
];

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
