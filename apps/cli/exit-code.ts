/** What a pipeline can tell apart. 64 and up are those of sysexits.h. */
export const ExitCode = {
  done: 0,
  failure: 1,
  /** Migrations are pending. */
  pending: 2,
  /** The schema is not what the entities say. */
  drift: 3,
  /** Another process held the migration lock too long. */
  lockTimeout: 4,
  /** The command was not understood. */
  usage: 64,
  /** The port is taken, or the embedded database cannot be kept running. */
  unavailable: 69,
  /** Another process runs this home; try again when it has ended. */
  busy: 75,
  /** The environment is wrong. */
  config: 78,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

export const EXIT_CODES_HELP = `
Exit codes: 0 done, 1 failure, 2 migrations pending, 3 schema drift, 4 migration lock not got in time,
            64 wrong usage, 69 port taken, 75 home in use by another process, 78 wrong settings`;
