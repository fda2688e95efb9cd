import { defineErrors } from '#errors';

const replicationError = defineErrors({
  REPLICATION_SECONDARY: {
    kind: 'unavailable',
    meaning: 'The database is a secondary: it receives its rows from the primary region and takes no other writes.',
    fix: 'Promote it with `deskwire replication promote`, or set DATABASE_URL to the primary.',
  },
});

export const isSecondary = () => replicationError('REPLICATION_SECONDARY', undefined, { retryAfterMs: 5_000 });
