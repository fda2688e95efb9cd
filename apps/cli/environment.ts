import { existsSync } from 'node:fs';
import type { ConfigSlice, ConfigTree, Environment } from '#config';
import { loadConfig } from '#config';
import { DeskHome } from './home/desk-home.js';
import { homeSecrets } from './home/home-secrets.js';

/** The environment of a run, whole: what was set, `.env`, and in development what the home keeps. */
export interface DeskEnvironment {
  values: Environment;
  home: DeskHome;
  production: boolean;
  /** DATABASE_URL is unset, and this is not production: the home's own PostgreSQL. */
  embedded: boolean;
  /** Where each key that is set comes from. */
  sourceOf(key: string): 'environment' | '.env' | 'home' | 'default';
}

/** Reads `.env` of the working directory; what the environment sets already wins. */
export function readEnvironment(slices: readonly ConfigSlice[]): DeskEnvironment {
  const before = { ...process.env };
  if (existsSync('.env')) process.loadEnvFile('.env');
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
export function checkedTree(slices: readonly ConfigSlice[], environment: DeskEnvironment): ConfigTree {
  return loadConfig(slices, environment.values);
}
