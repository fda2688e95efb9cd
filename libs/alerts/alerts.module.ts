import { Module } from '@nestjs/common';
import { ChangesModule } from '#changes';
import { DeliveriesModule } from '#deliveries';
import { EventsModule } from '#events';
import { JobsModule } from '#jobs';
import { AlertChannels } from './alert-channels.js';
import { AlertDeliveries } from './alert-deliveries.js';
import { AlertEvaluator } from './alert-evaluator.js';
import { AlertRaiser } from './alert-raiser.js';
import { AlertRaisingRepository } from './alert-raising.repository.js';
import { AlertRulesController } from './alert-rules.controller.js';
import { AlertRulesRepository } from './alert-rules.repository.js';
import { AlertRulesService } from './alert-rules.service.js';
import { AlertTrials } from './alert-trials.service.js';
import { AlertsClock, WallClock } from './alerts-clock.js';
import { AlertsController } from './alerts.controller.js';
import { AlertsHousekeeping } from './alerts-housekeeping.js';
import { alertsMetrics } from './alerts.metrics.js';
import { AlertsRepository } from './alerts.repository.js';
import { AlertsService } from './alerts.service.js';
import { BuiltInRules } from './built-in-rules.js';
import { PriceWindowsRepository } from './price-windows.repository.js';
import { RuleBook } from './rule-book.js';
import { RuleChangesRepository } from './rule-changes.repository.js';

/** Rules over events, the alerts they raise, and the messages made of them. */
@Module({
  imports: [ChangesModule, DeliveriesModule, EventsModule, JobsModule],
  controllers: [AlertRulesController, AlertsController],
  providers: [
    ...alertsMetrics,
    { provide: AlertsClock, useClass: WallClock },
    AlertChannels,
    AlertDeliveries,
    AlertEvaluator,
    AlertRaiser,
    AlertRaisingRepository,
    AlertRulesRepository,
    AlertRulesService,
    AlertTrials,
    AlertsHousekeeping,
    AlertsRepository,
    AlertsService,
    BuiltInRules,
    PriceWindowsRepository,
    RuleBook,
    RuleChangesRepository,
  ],
  exports: [AlertRulesService, AlertsRepository],
})
export class AlertsModule {}
