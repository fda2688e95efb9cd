import { randomBytes } from 'node:crypto';
import type { Environment } from '#config';
import type { configSlices } from '../../api/config-slices.js';
import type { DeskHome } from './desk-home.js';

const FILE = 'secrets.json';

/** Keys that production requires and that random bytes can fill. A URL cannot be generated. */
export function generatedKeys(slices: typeof configSlices): string[] {
  return slices
    .flatMap((slice) => Object.values(slice.settings))
    .filter((setting) => setting.secret && setting.requiredInProduction && !setting.key.endsWith('_URL'))
    .map((setting) => setting.key);
}

/**
 * Secrets for development: 32 random bytes each, generated once into `secrets.json` (mode 0600), so that tokens and encrypted rows
 * survive a restart. A value in the environment takes precedence and is not stored.
 * @returns the keys to put into the environment
 */
export function homeSecrets(
  home: DeskHome,
  slices: typeof configSlices,
  environment: Environment,
): Record<string, string> {
  const kept = home.read<Record<string, string>>(FILE) ?? {};
  const missing = generatedKeys(slices).filter((key) => !environment[key]);
  const made = missing.filter((key) => !kept[key]);
  for (const key of made) kept[key] = randomBytes(32).toString('base64');
  if (made.length > 0) home.make().write(FILE, kept);
  return Object.fromEntries(missing.map((key) => [key, kept[key]!]));
}
