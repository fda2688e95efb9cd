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

/** An SQL text, and whether it runs in a transaction. */
export interface SquawkInput {
  sql: string;
  transaction: boolean;
}

/** One finding, with the lines of the text counted from 0. */
export interface SquawkFinding {
  rule_name: string;
  message: string;
  help: string | null;
  line: number;
}

/**
 * Runs squawk on SQL texts, each by itself: one process for those in a transaction, and one for the others.
 * @returns the findings of each text
 * @throws CliError if it is not installed
 */
export async function squawk(inputs: readonly SquawkInput[]): Promise<SquawkFinding[][]> {
  const folder = mkdtempSync(join(tmpdir(), 'deskwire-lint-'));
  try {
    writeFileSync(join(folder, 'squawk.toml'), '');
    // An accepted pattern is named in the migration, with a reason. A comment of squawk cannot hide one.
    for (const [index, { sql }] of inputs.entries())
      writeFileSync(join(folder, fileOf(index)), sql.replaceAll('squawk-ignore', 'squawk ignore'));
    const found = await Promise.all([true, false].map((transaction) => findingsIn(folder, inputs, transaction)));
    const byFile = Map.groupBy(found.flat(), ({ file }) => file);
    return inputs.map((_, index) => byFile.get(fileOf(index)) ?? []);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const fileOf = (index: number) => `${index}.sql`;

async function findingsIn(
  folder: string,
  inputs: readonly SquawkInput[],
  transaction: boolean,
): Promise<(SquawkFinding & { file: string })[]> {
  const files = inputs.flatMap((input, index) => (input.transaction === transaction ? [fileOf(index)] : []));
  if (files.length === 0) return [];
  const args = ['--reporter', 'json', '--pg-version', '18', '--config', 'squawk.toml'];
  if (transaction) args.push('--assume-in-transaction');
  const findings = JSON.parse(await run(binary(), [...args, ...files], folder)) as (SquawkFinding & { file: string })[];
  const rules = transaction ? SQUAWK_RULES : [...SQUAWK_RULES, REPEATABLE_RULE];
  return findings.filter(({ rule_name }) => rules.includes(rule_name));
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
