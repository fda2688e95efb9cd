import { Command } from 'commander';
import type { configSlices } from '../../api/config-slices.js';
import { run } from '../command-run.js';
import { ExitCode } from '../exit-code.js';
import { type CommonOptions, printJson, table } from '../output.js';

export function configCommand(): Command {
  const config = new Command('config');
  config
    .command('check')
    .description('Print every setting in effect with its source and secrets masked. Exit 78 if one is wrong')
    .option('--json', 'machine-readable')
    .option('--verbose', 'stack traces of failures')
    .addHelpText(
      'after',
      '\nExamples:\n  deskwire config check\n  NODE_ENV=production deskwire config check || echo "would not start"\n  deskwire config check --json | jq .database',
    )
    .action((options: CommonOptions) => run(options, () => check(options)));
  config
    .command('example')
    .description('Print every setting with its default and meaning, as .env or as Markdown')
    .option('--markdown', 'as the tables of docs/configuration.md')
    .option('--verbose', 'stack traces of failures')
    .addHelpText('after', '\nExamples:\n  deskwire config example > .env.example\n  deskwire config example --markdown')
    .action((options: CommonOptions & { markdown?: boolean }) =>
      run(options, () => example(options.markdown ?? false)),
    );
  return config;
}

async function check(options: CommonOptions): Promise<void> {
  const { configSlices } = await import('../../api/config-slices.js');
  const { checkedTree, readEnvironment } = await import('../environment.js');
  const environment = readEnvironment(configSlices);
  const tree = checkedTree(configSlices, environment);
  if (!environment.production) environment.home.make();
  const { tryToListen } = await import('../listen-failure.js');
  const failure = await tryToListen(tree['api'] as { host: string; port: number });
  // A desk that runs has its port: that is no fault of the settings.
  if (failure !== undefined && failure.exitCode !== ExitCode.unavailable) throw failure;
  const rows = configSlices.flatMap((slice) =>
    Object.entries(slice.settings).map(([name, setting]) => ({
      slice: slice.name,
      name,
      key: setting.key,
      value: shown(setting, tree[slice.name]![name]),
      source: environment.sourceOf(setting.key),
    })),
  );
  if (options.json) {
    const slices = configSlices.map(({ name: slice }) => [
      slice,
      Object.fromEntries(
        rows
          .filter((one) => one.slice === slice)
          .map(({ key, value, source }) => [key, { value: value ?? null, source }]),
      ),
    ]);
    return printJson(Object.fromEntries(slices));
  }
  console.log(
    table(
      ['KEY', 'VALUE', 'FROM'],
      rows.map(({ key, value, source }) => [key, text(value), source]),
    ),
  );
  if (failure !== undefined) console.log(`\n${failure.message}`);
  if (environment.embedded)
    console.log(`\nDATABASE_URL is unset: the embedded PostgreSQL of ${environment.home.path} is used.`);
}

async function example(markdown: boolean): Promise<void> {
  const { configSlices } = await import('../../api/config-slices.js');
  const { envExample, settingsTable } = await import('../settings-text.js');
  process.stdout.write(markdown ? `${settingsTable(configSlices)}\n` : envExample(configSlices));
}

/** Masks by the setting's declaration and not only by the value's type, since a list or URL may be secret too. */
function shown(setting: (typeof configSlices)[number]['settings'][string], value: unknown): unknown {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return value;
  if (setting.secret) return '[secret]';
  return setting.unit ? setting.write(value) : value;
}

function text(value: unknown): string {
  if (value === undefined) return '(unset)';
  if (Array.isArray(value)) return value.length === 0 ? '(none)' : value.join(',');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
