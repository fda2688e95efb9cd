import type { ExitCode } from './exit-code.js';

/** A failure whose message says what to do. It is shown without a stack trace. */
export class CliError extends Error {
  constructor(
    message: string,
    readonly exitCode: ExitCode,
  ) {
    super(message);
    this.name = 'CliError';
  }
}
