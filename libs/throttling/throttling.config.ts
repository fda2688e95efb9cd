import { configSlice, env, integer, type SliceValue } from '#config';

const MAX = 1_000_000_000;

/** Request limits per minute per client, by class of route. */
export const throttlingConfig = configSlice(
  'throttling',
  {
    loginLimit: env(
      'THROTTLING_MAX_LOGINS',
      integer(60, 1, MAX),
      'Maximum sign-ins per minute of one account from one address. All accounts of an address together have 10 times as many',
      {
        formerly: 'THROTTLING_LOGIN_LIMIT',
      },
    ),
    readLimit: env(
      'THROTTLING_MAX_READS',
      integer(60_000, 1, MAX),
      'Maximum reads per minute per user (per address before sign-in)',
      { formerly: 'THROTTLING_READ_LIMIT' },
    ),
    writeLimit: env(
      'THROTTLING_MAX_WRITES',
      integer(30_000, 1, MAX),
      'Maximum writes per minute per user (per address before sign-in)',
      { formerly: 'THROTTLING_WRITE_LIMIT' },
    ),
    bulkLimit: env(
      'THROTTLING_MAX_BULK_WRITES',
      integer(3_000, 1, MAX),
      'Maximum bulk writes (imports, snapshots) per minute per user',
      { formerly: 'THROTTLING_BULK_LIMIT' },
    ),
    costlyLimit: env(
      'THROTTLING_MAX_COSTLY_READS',
      integer(2, 1, 1_000),
      'Maximum concurrent costly reads (search, history, lists that grow with time, dry run of a rule) per user. Up to 16 more wait, and others are refused',
    ),
  },
  {
    /** Maximum number of concurrent writes per user, per process. */
    writesAtOnce: 4,
    /** Maximum number of concurrent scrapes of the metrics per address, per process. */
    scrapesAtOnce: 2,
    /** Maximum number of concurrent bulk writes per user, per process. */
    bulkWritesAtOnce: 2,
    /** Maximum number of requests of one owner that wait, per class. */
    requestsWaiting: 200,
    /** Maximum number of costly reads of one user that wait. */
    costlyWaiting: 16,
    /** The sliding window of all request limits, in ms. */
    windowMs: 60_000,
    /** Maximum number of clients counted per class, about 60 bytes each. Beyond it the least active are forgotten. */
    maxTracked: 1_000_000,
    /** A process may count this part of a limit, as 1/n of it and per client, before the other processes know it. Limits below n are exact. */
    unsettledPart: 64,
    /** Interval in which a process reports its counts to the others, in ms. */
    settleMs: 100,
    /** A process that has not renewed its lease for this long has ended, in ms. */
    leaseMs: 5_000,
    /** Number of processes that a process assumes which has never reached Redis, to divide the limits of sign-ins. */
    unknownProcesses: 4,
  },
);
export type ThrottlingConfig = SliceValue<typeof throttlingConfig>;
