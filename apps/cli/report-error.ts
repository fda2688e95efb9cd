import type { DomainError } from '#errors';
import { CliError } from './cli-error.js';
import { ExitCode } from './exit-code.js';

/** Words of the HTTP API in error messages, and the flags of the command line for them. */
const FLAGS = [
  [/\bforce=true\b/g, '--force'],
  [/\bGive a mapping file\b/g, 'Give a mapping file with --mapping'],
] as const;

export interface Failure {
  exitCode: ExitCode;
  /** For people. */
  text: string;
  /** For `--json`. */
  json: Record<string, unknown>;
}

/** The text of a failure and its exit code. Errors of libs are recognised by name, so that no lib is loaded for it. */
export function describeFailure(error: unknown): Failure {
  if ((error as Error).name === 'ConfigError') {
    const { message, problems } = error as Error & { problems: unknown };
    const hint =
      'Correct them in the environment or in .env. `deskwire config example` lists every setting. Nothing was started.';
    return {
      exitCode: ExitCode.config,
      text: `${message}\n\n${hint}`,
      json: { code: 'CONFIG_INVALID', problems },
    };
  }
  if (error instanceof CliError)
    return { exitCode: error.exitCode, text: error.message, json: { message: error.message } };
  if ((error as Error).name === 'DomainError') {
    const { code, details } = error as DomainError;
    const message = inFlags((error as DomainError).message);
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

function inFlags(message: string): string {
  return FLAGS.reduce((text, [word, flag]) => text.replace(word, flag), message);
}

/** Several addresses of one host fail as one AggregateError with an empty message. */
function unreachable(error: unknown): string | undefined {
  const { code } = error as { code?: string };
  if (code !== 'ECONNREFUSED' && code !== 'ENOTFOUND' && code !== 'EAI_AGAIN' && code !== 'ETIMEDOUT') return undefined;
  const first = error instanceof AggregateError ? (error.errors[0] as Error) : (error as Error);
  return `PostgreSQL cannot be reached: ${first.message}. Is it running, and is DATABASE_URL right?`;
}
