import { type Command, InvalidArgumentError } from 'commander';

/** Maximum number of rows that a command lists, as of a page over HTTP. */
const MAX_LIMIT = 500;

/**
 * Adds a command to `parent` with the options of every command.
 * @param exitCodes for its help
 */
export function subcommands(parent: Command, exitCodes?: string) {
  const codes = exitCodes === undefined ? '' : `\n\nExit codes: ${exitCodes}`;
  return (name: string, description: string, examples: string): Command =>
    parent
      .command(name)
      .description(description)
      .option('--json', 'machine-readable')
      .option('--verbose', 'stack traces of failures')
      .addHelpText('after', `\nExamples:\n${examples}${codes}`);
}

/** Reads `--limit`. */
export function limit(text: string): number {
  const n = Number(text);
  if (!Number.isInteger(n) || n < 1 || n > MAX_LIMIT)
    throw new InvalidArgumentError(`a whole number from 1 to ${MAX_LIMIT}`);
  return n;
}

/** Reads an id. @param allowed says where such an id is shown */
export function uuid(allowed: string): (text: string) => string {
  return (text) => {
    if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) throw new InvalidArgumentError(allowed);
    return text;
  };
}
