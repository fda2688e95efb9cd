export { AlertDedupeWindowEntity } from './alerts/alert-dedupe-window.entity.js';
export { AlertEntity } from './alerts/alert.entity.js';
export { AlertRuleEntity } from './rules/alert-rule.entity.js';
