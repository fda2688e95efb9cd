import { makeCounterProvider } from '@willsoto/nestjs-prometheus';

export const RECORDS = 'audit_records_total';

export const FAILURES = 'audit_failures_total';

export const auditMetrics = [
  makeCounterProvider({
    name: RECORDS,
    help: 'Operations recorded in the audit trail, by action. Each refused sign-in counts',
    labelNames: ['action'],
  }),
  makeCounterProvider({
    name: FAILURES,
    help: 'Operations that could not be recorded. Their transactions were rolled back; refused sign-ins stayed refused',
  }),
];
