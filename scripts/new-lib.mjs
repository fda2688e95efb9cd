// Makes a lib: `npm run new:lib <name>` (a domain lib) or `npm run new:lib <name> -- --foundation`. Writes index.ts, README.md
// and <name>.module.ts, and adds its row to libs/plan.mjs. Works on the tree of the working directory.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PLAN = join('libs', 'plan.mjs');
const BANNED = ['common', 'shared', 'util', 'utils', 'helper', 'helpers', 'core', 'misc'];

const [name = '', ...options] = process.argv.slice(2);
const foundation = options.includes('--foundation');

if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || options.some((option) => option !== '--foundation'))
  refuse('Usage: npm run new:lib <name> [-- --foundation]. The name is lower case with hyphens, such as "calendars".');
if (BANNED.includes(name))
  refuse(`"${name}" does not describe the content. Name the lib after the thing that it owns.`);
if (existsSync(join('libs', name))) refuse(`libs/${name} exists already.`);

const plan = readFileSync(PLAN, 'utf8');
const planned = foundation
  ? insertBefore(plan, 'export const foundation = [', '\n];', `\n  '${name}',`)
  : insertBefore(plan, 'export const domain = {', '\n};', `\n  ${name.includes('-') ? `'${name}'` : name}: [],`);
const module = `${name.split('-').map(capital).join('')}Module`;
const files = {
  'index.ts': `export { ${module} } from './${name}.module.js';\n`,
  [`${name}.module.ts`]: `import { Module } from '@nestjs/common';

@Module({})
export class ${module} {}
`,
  'README.md': `# ${name}

Describe in one sentence the purpose and the users of this lib.

**Exports:** \`${module}\`. Other libs import them from \`#${name}\`; at most 15 names.

**Rules**

1. State what always holds, and which test proves it.
`,
};

mkdirSync(join('libs', name));
for (const [file, text] of Object.entries(files)) writeFileSync(join('libs', name, file), text);
writeFileSync(PLAN, planned);
process.stdout.write(`Made libs/${name} and its row in libs/plan.mjs. Next:
  1. Order the row in libs/plan.mjs${foundation ? '' : ' and name the domain libs that it uses'}.
  2. Add ${module} to apps/api/app.module.ts, in alphabetical order.
  3. For settings, add ${name}.config.ts and list its slice in apps/api/config-slices.ts.
  4. Write libs/${name}/README.md.
`);

function insertBefore(text, start, end, row) {
  const from = text.indexOf(start);
  const at = text.indexOf(end, from);
  if (from < 0 || at < 0) refuse(`${PLAN} has no "${start}".`);
  return text.slice(0, at) + row + text.slice(at);
}

function capital(word) {
  return word[0].toUpperCase() + word.slice(1);
}

function refuse(message) {
  process.stderr.write(`${message}\n`);
  process.exit(64);
}
