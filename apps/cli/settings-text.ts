import type { configSlices } from '../api/config-slices.js';

type Slice = (typeof configSlices)[number];
type Setting = Slice['settings'][string];

/** The text of `.env.example`: every setting with its default and its meaning. */
export function envExample(slices: readonly Slice[]): string {
  const sections = withSettings(slices).map(
    ({ name, settings }) => `## ${name}\n${Object.values(settings).map(example).join('\n')}`,
  );
  return `# Every setting of Deskwire with its default. None is required in development. Copy the lines you change into .env.
# Durations are written 500ms, 30s, 15m, 12h or 30d, sizes 512KiB, 64MiB or 1GiB.

${sections.join('\n\n')}
`;
}

/** The tables of docs/configuration.md. */
export function settingsTable(slices: readonly Slice[]): string {
  return withSettings(slices)
    .map(({ name, settings }) => {
      const rows = Object.values(settings).map(
        (setting) => `| \`${setting.key}\` | ${meaning(setting).replaceAll('|', '\\|')} | ${defaultCell(setting)} |`,
      );
      return `### ${name}\n\n| setting | meaning | default |\n|---|---|---|\n${rows.join('\n')}`;
    })
    .join('\n\n');
}

function withSettings(slices: readonly Slice[]): readonly Slice[] {
  return slices.filter(({ settings }) => Object.keys(settings).length > 0);
}

function example(setting: Setting): string {
  const value = defaultOf(setting);
  return `# ${meaning(setting)}\n${value === undefined ? `#${setting.key}=` : `${setting.key}=${value}`}`;
}

function defaultCell(setting: Setting): string {
  const value = defaultOf(setting);
  return value ? `\`${value}\`` : '';
}

function meaning({ about, requiredInProduction }: Setting): string {
  return `${about}${requiredInProduction ? ' (required in production)' : ''}`;
}

function defaultOf(setting: Setting): string | undefined {
  const value = setting.schema.safeParse(undefined).data;
  return value === undefined ? undefined : setting.write(value);
}
