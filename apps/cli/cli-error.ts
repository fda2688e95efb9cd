import type { ExitCode } from './exit-code.js';

/** A failure a person can act on: the message says what to do, and no stack is shown. */
export class CliError extends Error {
  constructor(
    message: string,
    readonly exitCode: ExitCode,
  ) {
    super(message);
    this.name = 'CliError';
  }
}
