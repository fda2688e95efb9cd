import { declareMetrics } from '#metrics';

export const RECORDS = 'audit_records_total';

export const FAILURES = 'audit_failures_total';

export const auditMetrics = declareMetrics('audit', {
  [RECORDS]: {
    type: 'counter',
    help: 'Operations recorded in the audit trail, by action. Each refused sign-in counts',
    labels: { action: 'the actions that the code records' },
  },
  [FAILURES]: {
    type: 'counter',
    help: 'Operations that could not be recorded. Their transactions were rolled back; refused sign-ins stayed refused',
  },
});
