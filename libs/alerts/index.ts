export { AlertRulesService } from './rules/alert-rules.service.js';
export { type RuleInput, ruleInputSchema } from './rules/alert-rule.dto.js';
export { AlertUnformattable } from './alert-events.js';
export { alertsConfig, type AlertsConfig } from './alerts.config.js';
export { AlertsRepository } from './alerts/alerts.repository.js';
export { AlertsModule } from './alerts.module.js';
export { type AlertEvent } from './conditions/event-view.js';
export { type MatchableRule, RuleIndex } from './rules/rule-index.js';
export { AlertsPanel } from './alerts/alerts.panel.js';
