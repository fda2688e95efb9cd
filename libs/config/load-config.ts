import type { ConfigSlice, Setting } from './config-slice.js';
import { ConfigError, type ConfigProblem } from './config-error.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** slice name -> setting name -> value; frozen at every level. */
export type ConfigTree = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/**
 * Parses every slice from the environment, once.
 * An empty string counts as unset, as `KEY=` in a .env file means.
 * @throws ConfigError naming every problem, not just the first
 */
export function loadConfig(slices: readonly ConfigSlice[], environment: Environment): ConfigTree {
  const problems: ConfigProblem[] = [];
  const production = environment['NODE_ENV'] === 'production';
  const tree: Record<string, Readonly<Record<string, unknown>>> = {};
  for (const slice of slices) {
    const values: Record<string, unknown> = {};
    for (const [name, setting] of Object.entries(slice.settings)) {
      values[name] = read(setting, environment, production, problems);
    }
    tree[slice.name] = Object.freeze(values);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(tree);
}

function read(
  setting: Setting<unknown>,
  environment: Environment,
  production: boolean,
  problems: ConfigProblem[],
): unknown {
  const raw = environment[setting.key];
  const seen = raw === undefined || raw === '' ? undefined : raw;
  if (seen === undefined && production && setting.requiredInProduction) {
    problems.push({ key: setting.key, seen: 'nothing', expected: `required in production: ${setting.about}` });
    return undefined;
  }
  const result = setting.schema.safeParse(seen);
  if (result.success) return result.data;
  problems.push({
    key: setting.key,
    seen: show(seen, setting.secret),
    expected: result.error.issues.map((issue) => issue.message).join('; '),
  });
  return undefined;
}

function show(seen: string | undefined, isSecret: boolean): string {
  if (seen === undefined) return 'nothing';
  if (isSecret) return `[secret, ${Buffer.byteLength(seen)} bytes]`;
  return seen.length > 60 ? `${seen.slice(0, 57)}...` : seen;
}
