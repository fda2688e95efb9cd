import { Inject, Module } from '@nestjs/common';
import { Retention } from '#background';
import { ChangesModule } from '#changes';
import { DeliveriesModule } from '#deliveries';
import { EventsModule } from '#events';
import { JobsModule } from '#jobs';
import { AlertChannels } from './rules/alert-channels.js';
import { AlertDeliveries } from './alerts/alert-deliveries.js';
import { AlertEvaluator } from './alerts/alert-evaluator.js';
import { AlertRaiser } from './alerts/alert-raiser.js';
import { AlertRaisingRepository } from './alerts/alert-raising.repository.js';
import { AlertRulesController } from './alert-rules.controller.js';
import { AlertRulesRepository } from './rules/alert-rules.repository.js';
import { AlertRulesService } from './rules/alert-rules.service.js';
import { AlertSilencesController } from './alert-silences.controller.js';
import { AlertSilences } from './silences/alert-silences.service.js';
import { AlertSilencesRepository } from './silences/alert-silences.repository.js';
import { AlertTrials } from './trials/alert-trials.service.js';
import { AlertsController } from './alerts/alerts.controller.js';
import { type AlertsConfig, alertsConfig } from './alerts.config.js';
import { alertsMetrics } from './alerts.metrics.js';
import { AlertsRepository } from './alerts/alerts.repository.js';
import { AlertsService } from './alerts/alerts.service.js';
import { BuiltInRules } from './rules/built-in-rules.js';
import { PriceWindowsRepository } from './rules/price-windows.repository.js';
import { DELETED_RULES_MS, RuleBook } from './rules/rule-book.js';
import { RuleMatcher } from './matching/rule-matcher.js';
import { RuleOverruns } from './alerts/rule-overruns.js';
import { RuleOverrunsRepository } from './alerts/rule-overruns.repository.js';
import { RuleChangesRepository } from './rules/rule-changes.repository.js';
import { UnformattableAlerts } from './alerts/unformattable-alerts.js';
import { AlertsPanel } from './alerts/alerts.panel.js';

/** How long an ended silence is kept, so that an alert that it silenced can still show it. */
const ENDED_SILENCES_MS = 7 * 86_400_000;

/** Rules over events, the alerts they raise, and the messages made of them. */
@Module({
  imports: [ChangesModule, DeliveriesModule, EventsModule, JobsModule],
  controllers: [AlertRulesController, AlertSilencesController, AlertsController],
  providers: [
    AlertsPanel,
    ...alertsMetrics,
    AlertChannels,
    AlertDeliveries,
    AlertEvaluator,
    AlertRaiser,
    AlertRaisingRepository,
    AlertRulesRepository,
    AlertRulesService,
    AlertSilences,
    AlertSilencesRepository,
    AlertTrials,
    AlertsRepository,
    AlertsService,
    BuiltInRules,
    PriceWindowsRepository,
    RuleBook,
    RuleChangesRepository,
    RuleMatcher,
    RuleOverruns,
    RuleOverrunsRepository,
    UnformattableAlerts,
  ],
  exports: [AlertRulesService, AlertsPanel, AlertsRepository],
})
export class AlertsModule {
  constructor(retention: Retention, alerts: AlertsRepository, @Inject(alertsConfig.token) config: AlertsConfig) {
    retention.keep({ table: 'alert_dedupe_windows', column: 'until', ms: 0 });
    retention.keep({ table: 'alert_rule_changes', column: 'deleted_at', ms: DELETED_RULES_MS });
    retention.keep({ table: 'alert_silences', column: 'until', ms: ENDED_SILENCES_MS });
    retention.keep({ table: 'alerts', remove: (limit) => alerts.removeOlder(config.retentionMs, limit) });
  }
}
