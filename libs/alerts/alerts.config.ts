import { configSlice, duration, env, integer, type SliceValue } from '#config';

export const alertsConfig = configSlice(
  'alerts',
  {
    maxRules: env('ALERTS_MAX_RULES', integer(500, 1, 10_000), 'Maximum alert rules per user, and of the desk'),
    retentionMs: env('ALERTS_RETENTION', duration('90d', '1d', '3650d'), 'How long alerts are kept', {
      formerly: 'ALERTS_RETENTION_DAYS',
    }),
  },
  {
    /** Maximum number of active silences of a user's rules, and of the desk's. */
    maxSilences: 100,
    /** Maximum number of past events that one test of a rule reads. */
    testEventsMax: 10_000,
    /** Maximum CPU time of one rule on one event, in ms. The largest rule takes 50 on one text of the longest. */
    ruleMs: 50,
    /** The same of all rules of one owner on one event, in ms. */
    ownerMs: 100,
    /** CPU time after which an evaluation lets others use the thread, in ms. */
    sliceMs: 100,
    /** Maximum duration of a slice, in ms; then the thread is terminated and replaced. */
    deadlineMs: 10_000,
    /** Maximum time that the recorder of an event waits for its evaluation, in ms; then the event inbox takes over. */
    recorderPatienceMs: 1_000,
    /** The same of a batch of the event inbox, in ms; then it takes fewer events at once. One event alone has no such limit. */
    inboxPatienceMs: 3_000,
    /** Maximum program size of the patterns of a user's rules, and of the desk's, in instructions. */
    patternSizePerUser: 10_000,
    /**
     * Maximum bytes of the conditions, names and messages of a user's rules, and of the desk's. Every process holds all
     * rules in memory. 500 rules of 50 tickers have 235 kB.
     */
    ruleBytesPerUser: 524_288,
    /** Number of events on which a rule may exceed its time within a day. At the next one it is switched off. */
    overrunsPerDay: 2,
    /** Whether conditions are tested in a worker thread. */
    inThread: true,
  },
);

export type AlertsConfig = SliceValue<typeof alertsConfig>;
