import { ConfigError } from '#config';
import { DomainError } from '#errors';
import { CliError } from './cli-error.js';
import { ExitCode } from './exit-code.js';

export interface Failure {
  exitCode: ExitCode;
  /** For people. */
  text: string;
  /** For `--json`. */
  json: Record<string, unknown>;
}

/** What a failure says, and the exit code that says it to a pipeline. Known by name: the libs of most errors are not loaded for it. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof ConfigError) {
    const hint =
      'Set them in the environment or in .env; `deskwire config example` lists every key. Nothing was started.';
    return {
      exitCode: ExitCode.config,
      text: `${error.message}\n\n${hint}`,
      json: { code: 'CONFIG_INVALID', problems: error.problems },
    };
  }
  if (error instanceof CliError)
    return { exitCode: error.exitCode, text: error.message, json: { message: error.message } };
  if (error instanceof DomainError) {
    const { code, message, details } = error;
    const fields = (details.errors ?? []).map(
      ({ field, seen, allowed }) => `\n  ${field}: ${seen === undefined ? '' : `${seen}; `}allowed: ${allowed}`,
    );
    return {
      exitCode: ExitCode.failure,
      text: `${message} (${code})${fields.join('')}`,
      json: { code, message, errors: details.errors, ...details.extra },
    };
  }
  const { name, message, code } = error as { name?: string; message?: string; code?: string };
  if (name === 'LockTimeoutError')
    return {
      exitCode: ExitCode.lockTimeout,
      text: `${message} Try again when it has ended.`,
      json: { code: 'MIGRATION_LOCK_TIMEOUT', message },
    };
  if (name === 'ServerTooOldError')
    return { exitCode: ExitCode.config, text: message!, json: { code: 'DATABASE_TOO_OLD', message } };
  const text = unreachable(error) ?? message ?? String(error);
  return { exitCode: ExitCode.failure, text, json: { ...(code ? { code } : {}), message: text } };
}

/** Several addresses of one host fail as one AggregateError with an empty message. */
function unreachable(error: unknown): string | undefined {
  const { code } = error as { code?: string };
  if (code !== 'ECONNREFUSED' && code !== 'ENOTFOUND' && code !== 'EAI_AGAIN' && code !== 'ETIMEDOUT') return undefined;
  const first = error instanceof AggregateError ? (error.errors[0] as Error) : (error as Error);
  return `PostgreSQL cannot be reached: ${first.message}. Is it running, and is DATABASE_URL right?`;
}
