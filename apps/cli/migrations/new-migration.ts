import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CliError } from '../cli-error.js';
import { ExitCode } from '../exit-code.js';

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)+$/;

/**
 * Writes `migrations/<timestamp>-<name>.ts` and lists it in `migrations/index.ts`. Its timestamp is later than every other.
 * @param root folder of the checkout
 * @param name verb-noun, such as `add-user-locale`
 * @returns path of the file
 * @throws CliError for a name of another form, one that is taken, or outside a checkout
 */
export function createMigration(root: string, name: string, now: number): string {
  const folder = join(root, 'migrations');
  const index = join(folder, 'index.ts');
  if (!existsSync(index)) {
    throw new CliError(`There is no ${index}. Run this in the folder of a checkout.`, ExitCode.failure);
  }
  if (!NAME.test(name) || name.length > 60) {
    throw new CliError(
      `"${name}" is no name of a migration. Give a verb and a noun in lower case, such as add-user-locale (at most 60 characters).`,
      ExitCode.usage,
    );
  }
  const others = readdirSync(folder).flatMap((file) => /^(\d{13})-(.+)\.ts$/.exec(file) ?? []);
  if (others.includes(name)) {
    throw new CliError(`There is a migration ${name} already. Choose another name.`, ExitCode.usage);
  }
  const newest = Math.max(...others.filter((part) => /^\d{13}$/.test(part)).map(Number));
  const timestamp = Math.max(now, newest + 1);
  const className = name.replace(/(^|-)(\w)/g, (_match, _dash, letter: string) => letter.toUpperCase()) + timestamp;
  const file = `${timestamp}-${name}`;
  writeFileSync(join(folder, `${file}.ts`), source(className), { flag: 'wx' });
  writeFileSync(index, listed(readFileSync(index, 'utf8'), className, file));
  return join('migrations', `${file}.ts`);
}

function listed(index: string, className: string, file: string): string {
  const lastImport = index.lastIndexOf('\nimport ');
  const endOfImports = index.indexOf('\n', lastImport + 1) + 1;
  const endOfList = index.lastIndexOf('];');
  return (
    index.slice(0, endOfImports) +
    `import { ${className} } from './${file}.js';\n` +
    index.slice(endOfImports, endOfList) +
    `  ${className},\n` +
    index.slice(endOfList)
  );
}

function source(className: string): string {
  return `import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Why the schema changes. */
export class ${className} implements MigrationInterface {
  readonly name = '${className}';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(\`\`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(\`\`);
  }
}
`;
}
