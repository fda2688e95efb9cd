import type { ExitCode } from './exit-code.js';

/** A failure whose message contains the fix. It is shown without a stack trace. */
export class CliError extends Error {
  constructor(
    message: string,
    readonly exitCode: ExitCode,
  ) {
    super(message);
    this.name = 'CliError';
  }
}
