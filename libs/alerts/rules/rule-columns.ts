/** The columns of alert_rules as AlertRule names them. */
export const RULE_COLUMNS = `r.id, r.user_id AS "userId", r.built_in AS "builtIn", r.name, r.enabled, r.severity, r.condition, r.channels,
  r.quiet_hours AS "quietHours", r.dedupe_seconds AS "dedupeSeconds", r.dedupe_by AS "dedupeBy",
  r.title_template AS "titleTemplate", r.body_template AS "bodyTemplate", r.created_at AS "createdAt", r.updated_at AS "updatedAt"`;
