import { type DynamicModule, Module } from '@nestjs/common';
import { AlertsModule } from '#alerts';
import { AuditModule } from '#audit';
import { AuthModule } from '#auth';
import { BackgroundModule } from '#background';
import { CachingModule } from '#caching';
import { CatalogueModule } from '#catalogue';
import { ChangesModule } from '#changes';
import { ConfigModule, type Environment, type InternalValues } from '#config';
import { DatabaseModule } from '#database';
import { DeliveriesModule } from '#deliveries';
import { EgressModule } from '#egress';
import { ErrorsModule } from '#errors';
import { EventsModule } from '#events';
import { FeedsModule } from '#feeds';
import { FilingsModule } from '#filings';
import { HttpModule } from '#http';
import { IdempotencyModule } from '#idempotency';
import { InstrumentsModule } from '#instruments';
import { JobsModule } from '#jobs';
import { LiveQuotesModule, PortfoliosModule } from '#portfolios';
import { QuotasModule } from '#quotas';
import { RealtimeModule } from '#realtime';
import { RedisModule } from '#redis';
import { RegionsModule } from '#regions';
import { ReplicationModule } from '#replication';
import { ResilienceModule } from '#resilience';
import { SessionsModule } from '#sessions';
import { SystemModule } from '#system';
import { TelemetryModule } from '#telemetry';
import { ThreadsModule } from '#threads';
import { ThrottlingModule } from '#throttling';
import { TimeModule } from '#time';
import { VenuesModule } from '#venues';
import { WebhooksModule } from '#webhooks';
import { schema } from '../../migrations/schema.js';
import { cacheSecret } from './cache-secret.js';
import { configSlices } from './config-slices.js';
import { keyOwner } from './key-owner.js';
import { dashboardModule } from './panels.js';
import { PagesController } from './pages.controller.js';

/** Composition only. Global guards run in the order of imports: who is it (auth), then how often (throttling). */
@Module({})
export class AppModule {
  /**
   * @param internals constants that a test replaces
   * @throws ConfigError naming every problem of the environment
   */
  static forRoot(environment: Environment, internals: readonly InternalValues[] = []): DynamicModule {
    return {
      module: AppModule,
      imports: [
        AlertsModule,
        AuditModule,
        AuthModule,
        BackgroundModule,
        CachingModule.forRoot(cacheSecret),
        CatalogueModule.forRoot(dashboardModule),
        ChangesModule,
        ConfigModule.forRoot(configSlices, environment, internals),
        dashboardModule,
        DatabaseModule.forRoot(schema),
        DeliveriesModule,
        EgressModule,
        ErrorsModule,
        EventsModule,
        FeedsModule,
        FilingsModule,
        HttpModule,
        IdempotencyModule.forRoot(keyOwner),
        InstrumentsModule,
        JobsModule,
        LiveQuotesModule,
        PortfoliosModule,
        QuotasModule,
        RealtimeModule,
        RedisModule,
        RegionsModule,
        ReplicationModule,
        ResilienceModule,
        SessionsModule,
        SystemModule,
        TelemetryModule,
        ThreadsModule,
        ThrottlingModule,
        TimeModule.forRoot(),
        VenuesModule,
        WebhooksModule,
      ],
      controllers: [PagesController],
    };
  }
}
