import { ConfigError, type ConfigProblem } from './config-error.js';
import { type ConfigSlice, type ConfigTree, type InternalValues, readSlice } from './config-slice.js';
import type { Environment } from './setting.js';
import { unknownKeys } from './unknown-keys.js';

/**
 * Parses every slice from the environment, once.
 * @param slices all of the program: a key that looks like theirs and is not is a problem
 * @param internals constants that a test replaces
 * @throws ConfigError naming every problem, not just the first
 */
export function loadConfig(
  slices: readonly ConfigSlice[],
  environment: Environment,
  internals: readonly InternalValues[] = [],
): ConfigTree {
  const problems: ConfigProblem[] = [];
  const tree = Object.fromEntries(
    slices.map((slice) => [slice.name, readSlice(slice, environment, internals, problems)]),
  );
  problems.push(...unknownKeys(slices, environment));
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(tree);
}
