/** Exit codes for pipelines. Those from 64 on are from sysexits.h. */
export const ExitCode = {
  done: 0,
  failure: 1,
  /** Migrations are pending. */
  pending: 2,
  /** The schema differs from the entities. */
  drift: 3,
  /** Another process held the migration lock too long. */
  lockTimeout: 4,
  /** `verify`: everything works, and something needs attention. */
  attention: 5,
  /** The command was not understood. */
  usage: 64,
  /** The port is taken, or the embedded database cannot be kept running. */
  unavailable: 69,
  /** The home cannot be created or written (EX_CANTCREAT). */
  cantCreate: 73,
  /** Another process uses this home. Try again when it has ended. */
  busy: 75,
  /** A setting is wrong. */
  config: 78,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

export const EXIT_CODES_HELP = `
Exit codes: 0 done, 1 failure, 2 migrations pending, 3 schema drift, 4 migration lock timeout,
            5 checks passed with warnings, 64 wrong usage, 69 port taken, 73 home not writable, 75 home in use by another process, 78 wrong settings`;
