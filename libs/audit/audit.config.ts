import { configSlice, duration, env, type SliceValue } from '#config';

export const auditConfig = configSlice('audit', {
  retentionMs: env('AUDIT_RETENTION', duration('400d', '1d', '3650d'), 'How long records of the audit trail are kept'),
});
export type AuditConfig = SliceValue<typeof auditConfig>;
