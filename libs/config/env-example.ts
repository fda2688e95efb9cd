import type { ConfigSlice } from './config-slice.js';
import type { Setting } from './setting.js';

/** The text of `.env.example`: every key of every slice with its default and one line of meaning. */
export function envExample(slices: readonly ConfigSlice[]): string {
  const sections = slices
    .filter(({ settings }) => Object.keys(settings).length > 0)
    .map((slice) => {
      const lines = Object.values(slice.settings).map(
        (setting) =>
          `# ${setting.about}${setting.requiredInProduction ? ' (required in production)' : ''}\n${assignment(setting)}`,
      );
      return `## ${slice.name}\n${lines.join('\n')}`;
    });
  return `# Every setting of Deskwire with its default. None is required in development. Copy the lines you change into .env.
# Durations are written 500ms, 30s, 15m, 12h or 30d.\n\n${sections.join('\n\n')}\n`;
}

function assignment(setting: Setting<unknown>): string {
  const byDefault = setting.schema.safeParse(undefined);
  const value = byDefault.success ? byDefault.data : undefined;
  if (value === undefined) return `#${setting.key}=`;
  return `${setting.key}=${setting.write(value)}`;
}
