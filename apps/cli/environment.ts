import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { type Environment, loadConfig } from '#config';
import type { configSlices } from '../api/config-slices.js';
import { DeskHome } from './home/desk-home.js';
import { homeSecrets } from './home/home-secrets.js';

/** The environment of a run: the process's, `.env`, and in development the secrets of the home. */
export interface DeskEnvironment {
  values: Environment;
  home: DeskHome;
  production: boolean;
  /** DATABASE_URL is unset outside production: the embedded PostgreSQL of the home is used. */
  embedded: boolean;
  /** Where the value of a key comes from. */
  sourceOf(key: string): 'environment' | '.env' | 'home' | 'default';
}

/** Reads `.env` of the working directory. The environment of the process takes precedence. */
export function readEnvironment(slices: typeof configSlices): DeskEnvironment {
  const before = { ...process.env };
  if (existsSync('.env'))
    for (const [key, value] of Object.entries(parseEnv(readFileSync('.env', 'utf8')))) process.env[key] ??= value;
  const values: Record<string, string | undefined> = { ...process.env };
  const production = values['NODE_ENV'] === 'production';
  const home = DeskHome.of(values);
  const secrets = production ? {} : homeSecrets(home, slices, values);
  return {
    values: { ...values, ...secrets },
    home,
    production,
    embedded: !production && !values['DATABASE_URL'],
    sourceOf: (key) => (before[key] ? 'environment' : values[key] ? '.env' : secrets[key] ? 'home' : 'default'),
  };
}

/** Parses every slice, before anything is started. @throws ConfigError naming every problem */
export function checkedTree(slices: typeof configSlices, environment: DeskEnvironment): ReturnType<typeof loadConfig> {
  return loadConfig(slices, environment.values);
}
