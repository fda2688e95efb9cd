import { makeCounterProvider } from '@willsoto/nestjs-prometheus';

export const RECORDS = 'audit_records_total';

export const FAILURES = 'audit_failures_total';

export const auditMetrics = [
  makeCounterProvider({
    name: RECORDS,
    help: 'Acts of security recorded in the audit trail, by action; of refused sign-ins each one counts',
    labelNames: ['action'],
  }),
  makeCounterProvider({
    name: FAILURES,
    help: 'Acts of security that could not be recorded. Their transactions were rolled back; refused sign-ins stayed refused',
  }),
];
