import { type DynamicModule, Module } from '@nestjs/common';
import { AuthModule } from '#auth';
import { CachingModule } from '#caching';
import { ChangesModule } from '#changes';
import { ConfigModule, type Environment } from '#config';
import { DashboardModule } from '#dashboard';
import { DatabaseModule } from '#database';
import { ErrorsModule } from '#errors';
import { EventsModule } from '#events';
import { IdempotencyModule } from '#idempotency';
import { InstrumentsModule } from '#instruments';
import { PortfoliosModule } from '#portfolios';
import { RealtimeModule } from '#realtime';
import { SessionsModule } from '#sessions';
import { TelemetryModule } from '#telemetry';
import { ThrottlingModule } from '#throttling';
import { entities } from '../../migrations/entities.js';
import { migrations } from '../../migrations/index.js';
import { configSlices } from './config-slices.js';
import { keyOwner } from './key-owner.js';
import { PagesController } from './pages.controller.js';

/** Composition only. Global guards run in the order of imports: who is it (auth), then how often (throttling). */
@Module({})
export class AppModule {
  /** @throws ConfigError naming everything wrong with the environment */
  static forRoot(environment: Environment): DynamicModule {
    return {
      module: AppModule,
      imports: [
        AuthModule,
        CachingModule,
        ChangesModule,
        ConfigModule.forRoot(configSlices, environment),
        DashboardModule,
        DatabaseModule.forRoot({ entities, migrations }),
        ErrorsModule,
        EventsModule,
        IdempotencyModule.forRoot(keyOwner),
        InstrumentsModule,
        PortfoliosModule,
        RealtimeModule,
        SessionsModule,
        TelemetryModule,
        ThrottlingModule,
      ],
      controllers: [PagesController],
    };
  }
}
