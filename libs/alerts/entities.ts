export { AlertDedupeWindowEntity } from './alerts/alert-dedupe-window.entity.js';
export { AlertEntity } from './alerts/alert.entity.js';
export { AlertRuleOverrunEntity } from './alerts/alert-rule-overrun.entity.js';
export { AlertRuleEntity } from './rules/alert-rule.entity.js';
export { AlertSilenceEntity } from './silences/alert-silence.entity.js';
