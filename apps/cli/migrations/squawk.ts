import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CliError } from '../cli-error.js';
import { ExitCode } from '../exit-code.js';

/** Rules of squawk that find what locks, destroys or breaks clients. Its rules of style are not used. */
export const SQUAWK_RULES: readonly string[] = [
  'adding-field-with-default',
  'adding-foreign-key-constraint',
  'adding-not-nullable-field',
  'adding-required-field',
  'adding-serial-primary-key-field',
  'ban-alter-domain-with-add-constraint',
  'ban-create-domain-with-constraint',
  'ban-drop-column',
  'ban-drop-database',
  'ban-drop-not-null',
  'ban-drop-table',
  'ban-truncate-cascade',
  'ban-uncommitted-transaction',
  'changing-column-type',
  'constraint-missing-not-valid',
  'disallowed-unique-constraint',
  'identifier-too-long',
  'prefer-timestamp-tz',
  'renaming-column',
  'renaming-table',
  'require-concurrent-index-creation',
  'require-concurrent-index-deletion',
  'require-concurrent-partition-detach',
  'require-concurrent-reindex',
  'syntax-error',
  'transaction-nesting',
];

/** A migration that runs without a transaction may stop half-way, so it has to be repeatable. */
export const REPEATABLE_RULE = 'prefer-robust-stmts';

/** One finding, with the lines of the text counted from 0. */
export interface SquawkFinding {
  rule_name: string;
  message: string;
  help: string | null;
  line: number;
}

/** Runs squawk on one SQL text. @throws CliError if it is not installed */
export async function squawk(sql: string, transaction: boolean): Promise<SquawkFinding[]> {
  const folder = mkdtempSync(join(tmpdir(), 'deskwire-lint-'));
  try {
    // An accepted pattern is named in the migration, with a reason. A comment of squawk cannot hide one.
    writeFileSync(join(folder, 'migration.sql'), sql.replaceAll('squawk-ignore', 'squawk ignore'));
    writeFileSync(join(folder, 'squawk.toml'), '');
    const args = ['--reporter', 'json', '--pg-version', '18', '--config', 'squawk.toml'];
    if (transaction) args.push('--assume-in-transaction');
    const output = await run(binary(), [...args, 'migration.sql'], folder);
    const findings = JSON.parse(output) as SquawkFinding[];
    const rules = transaction ? SQUAWK_RULES : [...SQUAWK_RULES, REPEATABLE_RULE];
    return findings.filter(({ rule_name }) => rules.includes(rule_name));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The program is part of the npm package of the platform; nothing is downloaded. */
function binary(): string {
  try {
    const { getBinaryPath } = createRequire(import.meta.url)('squawk-cli/js/index.js') as {
      getBinaryPath: () => string;
    };
    return getBinaryPath();
  } catch (error) {
    throw new CliError(
      `\`migrate lint\` needs squawk-cli, a development dependency: run \`npm ci\` in a checkout. (${(error as Error).message.split('\n')[0]})`,
      ExitCode.failure,
    );
  }
}

/** squawk exits with 1 if it finds an error; its answer is on stdout in any case. */
function run(program: string, args: readonly string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { cwd, maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      if (stdout.trim().startsWith('[')) resolve(stdout);
      else reject(new Error(`squawk failed: ${stderr || error?.message || stdout}`));
    });
  });
}
