import { OWN_RULES, ownFindings } from './own-patterns.js';
import { REPEATABLE_RULE, squawk, SQUAWK_RULES, type SquawkFinding } from './squawk.js';

/** A migration as it is reviewed. */
export interface MigrationSource {
  name: string;
  sql: readonly string[];
  transaction: boolean;
  /** Accepted patterns with their reasons. */
  accepted: Readonly<Record<string, string>>;
}

/** A dangerous pattern in a migration. */
export interface LintFinding {
  migration: string;
  rule: string;
  message: string;
  /** First line of the statement; empty if the finding is about the whole migration. */
  statement: string;
  /** The reason for which it is accepted; null if it is not. */
  accepted: string | null;
}

const RULES: readonly string[] = [...SQUAWK_RULES, REPEATABLE_RULE, ...OWN_RULES, 'empty-migration'];
const REASON_CHARACTERS = 10;

/** Finds what locks tables, destroys data or breaks running clients, and acceptances that are wrong. In the order of the migrations. */
export async function lintMigrations(migrations: readonly MigrationSource[]): Promise<LintFinding[]> {
  const texts = migrations.map(({ sql }) => joined(sql.filter((statement) => statement !== '')));
  const found = await squawk(texts.map(({ text }, at) => ({ sql: text, transaction: migrations[at]!.transaction })));
  return migrations.flatMap((migration, at) => findingsOf(migration, texts[at]!, found[at]!));
}

function findingsOf(migration: MigrationSource, { statements, statementAt }: Joined, found: readonly SquawkFinding[]) {
  const { name, accepted, transaction } = migration;
  const finding = (rule: string, message: string, statement = ''): LintFinding => ({
    migration: name,
    rule,
    message,
    statement: firstLine(statement),
    accepted: accepted[rule] ?? null,
  });
  const findings: LintFinding[] = [];
  if (statements.length === 0) findings.push(finding('empty-migration', 'The migration has no statement.'));
  for (const { rule_name, message, help, line } of found)
    findings.push(finding(rule_name, help ? `${message} ${help}` : message, statementAt(line)));
  for (const sql of statements)
    for (const { rule, message } of ownFindings(sql, transaction)) findings.push(finding(rule, message, sql));
  return [...findings, ...wrongAcceptances(accepted, findings, finding)];
}

/** An acceptance names a pattern that the migration has, and says why. None can be left over for a later change. */
function wrongAcceptances(
  accepted: Readonly<Record<string, string>>,
  findings: readonly LintFinding[],
  finding: (rule: string, message: string) => LintFinding,
): LintFinding[] {
  return Object.entries(accepted).flatMap(([rule, reason]) => {
    const wrong = (message: string) => ({ ...finding('wrong-acceptance', message), accepted: null });
    if (!RULES.includes(rule)) return [wrong(`\`accepted\` names ${rule}, which is no pattern of this check.`)];
    if (!findings.some((one) => one.rule === rule))
      return [wrong(`\`accepted\` names ${rule}, which this migration does not have. Remove it.`)];
    if (reason.trim().length < REASON_CHARACTERS)
      return [wrong(`\`accepted\` gives no reason for ${rule} (at least ${REASON_CHARACTERS} characters).`)];
    return [];
  });
}

interface Joined {
  statements: readonly string[];
  text: string;
  statementAt: (line: number) => string;
}

/** All statements as one text, because a statement on a table that the migration itself creates is harmless. */
function joined(statements: readonly string[]): Joined {
  const ends: number[] = [];
  let lines = 0;
  const parts = statements.map((sql) => {
    const part = `${sql};\n`;
    lines += part.split('\n').length - 1;
    ends.push(lines);
    return part;
  });
  return {
    statements,
    text: parts.join(''),
    statementAt: (line) => statements[ends.findIndex((end) => line < end)] ?? '',
  };
}

function firstLine(sql: string): string {
  const line = sql.trim().split('\n')[0]!.trim();
  return line.length > 100 ? `${line.slice(0, 97)}...` : line;
}
