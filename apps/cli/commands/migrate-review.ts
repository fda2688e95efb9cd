import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { CliError } from '../cli-error.js';
import { run } from '../command-run.js';
import { ExitCode } from '../exit-code.js';
import { lintMigrations, type LintFinding, type MigrationSource } from '../migrations/lint-migrations.js';
import { addMigrateCommand, migrateAction, say } from '../migrations/migrate-action.js';
import { planText } from '../migrations/migration-plan.js';
import { createMigration } from '../migrations/new-migration.js';
import { type CommonOptions, count } from '../output.js';

/** The commands with which a change of the schema is written and reviewed: create, lint, plan and check. */
export function addReviewCommands(migrate: Command): void {
  addMigrateCommand(
    migrate,
    'create <name>',
    'Write an empty migration into migrations/ and list it there. Needs a checkout, no database',
    '  deskwire migrate create add-user-locale',
  ).action((name: string, options: CommonOptions) =>
    run(options, async () => {
      const path = createMigration(process.cwd(), name, Date.now());
      say(options, { path }, `Created ${path}. Write its SQL, then run \`deskwire migrate lint\`.`);
    }),
  );
  addMigrateCommand(
    migrate,
    'lint [names...]',
    'Find what locks tables, destroys data or breaks running clients in the SQL of the migrations. Exit 1 if one is not accepted by name',
    '  deskwire migrate lint\n  deskwire migrate lint ForgetDeletedRules1766000700001\n  deskwire migrate lint --pending --json',
  )
    .option('--pending', 'only migrations that the database of DATABASE_URL does not have')
    .action((names: string[], options: CommonOptions & { pending?: boolean }) => {
      if (options.pending)
        return migrateAction(options, 'migrate lint', async (m) => report(options, await m.plan(), names));
      return run(options, async () => {
        const { migratorOf } = await import('../desk-context.js');
        return report(options, await migratorOf({}).recorded(), names);
      });
    });
  addMigrateCommand(
    migrate,
    'plan',
    'Print the SQL that `up` would run, without running it. Exit 2 if there is any, 3 if an applied one was edited',
    '  deskwire migrate plan\n  deskwire migrate plan --output plan.sql',
  )
    .option('--output <file>', 'write the plan to a file, for review and for `migrate up --plan`')
    .action((options: CommonOptions & { output?: string }) =>
      migrateAction(options, 'migrate plan', async (migrator) => {
        const planned = await migrator.plan();
        const text = planText(planned);
        if (options.output !== undefined) writeFileSync(options.output, text);
        const words =
          options.output === undefined
            ? text.trimEnd()
            : `Wrote ${count(planned.length, 'pending migration')} to ${options.output}.`;
        say(options, planned, words);
        return planned.length > 0 ? ExitCode.pending : ExitCode.done;
      }),
    );
  addMigrateCommand(
    migrate,
    'check',
    'Compare the schema with the entities and with what the migrations make. Exit 3 and print the differences if there are any',
    '  deskwire migrate check\n  deskwire migrate check --json | jq .differences',
  ).action((options: CommonOptions) =>
    migrateAction(options, 'migrate check', async (migrator) => {
      const pending = (await migrator.plan()).map(({ name }) => name);
      if (pending.length > 0) {
        say(options, { pending }, `Pending: ${pending.join(', ')}. Run \`deskwire migrate up\` before comparing.`);
        return ExitCode.pending;
      }
      const { statements, differences } = await migrator.check();
      const lines = [
        ...(statements.length > 0
          ? [
              'The schema differs from the entities. These statements would align it. Write a migration, or correct the entity:',
            ]
          : []),
        ...statements.map((one) => `  ${one};`),
        ...(differences.length > 0 ? ['The schema differs from what the migrations make:'] : []),
        ...differences.map(({ object, expected, found }) => {
          if (expected === null) return `  ${object} is unexpected: ${found}`;
          return found === null
            ? `  ${object} is missing: ${expected}`
            : `  ${object} is ${found}, expected ${expected}`;
        }),
      ];
      const agrees = lines.length === 0;
      say(
        options,
        { drift: statements, differences },
        agrees ? 'The schema matches the entities and the migrations.' : lines.join('\n'),
      );
      return agrees ? ExitCode.done : ExitCode.drift;
    }),
  );
}

/** Lints migrations, all of them or those of these names. */
async function report(
  options: CommonOptions,
  migrations: readonly MigrationSource[],
  names: readonly string[],
): Promise<ExitCode> {
  const unknown = names.filter((name) => !migrations.some((one) => one.name === name));
  if (unknown.length > 0) throw new CliError(`There is no migration ${unknown.join(', ')} to lint.`, ExitCode.usage);
  const chosen = migrations.filter(({ name }) => names.length === 0 || names.includes(name));
  const findings = await lintMigrations(chosen);
  const refused = findings.filter(({ accepted }) => accepted === null);
  const summary = `${count(chosen.length, 'migration')}: ${count(refused.length, 'finding')}, ${findings.length - refused.length} accepted.`;
  const hint =
    refused.length > 0
      ? '\nChange the SQL, or accept a pattern by name in the migration: docs/migrations.md says how.'
      : '';
  say(options, findings, [...findings.map(inWords), summary + hint].join('\n'));
  return refused.length > 0 ? ExitCode.failure : ExitCode.done;
}

function inWords({ migration, rule, message, statement, accepted }: LintFinding): string {
  if (accepted !== null) return `accepted  ${migration}  ${rule}: ${accepted}`;
  return [
    `DANGER    ${migration}  ${rule}`,
    ...(statement ? [`          ${statement}`] : []),
    `          ${message}`,
  ].join('\n');
}
