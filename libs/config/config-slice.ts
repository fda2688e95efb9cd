import { ConfigError, type ConfigProblem } from './config-error.js';
import { type Environment, readSetting, type Setting } from './setting.js';

type Settings = Record<string, Setting<unknown>>;
type Internals = Record<string, unknown>;
type Values<S, I> = { readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never } & Readonly<I>;

/** slice name -> setting name -> value; frozen at every level. */
export type ConfigTree = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Other values for the internals of one slice. */
export interface InternalValues {
  readonly slice: string;
  readonly values: Internals;
}

/** A lib's part of the environment: declared by the lib, parsed once at boot, injected by `token`. */
export interface ConfigSlice<S extends Settings = Settings, I extends Internals = Internals> {
  readonly name: string;
  readonly token: symbol;
  readonly settings: S;
  readonly internals: I;
  /** What is wrong with settings that must fit each other. Called when each of them is right. */
  check(values: Values<S, I>): readonly ConfigProblem[];
  /** This slice of a loaded tree. */
  of(tree: ConfigTree): Values<S, I>;
  /** Parses this slice alone. @throws ConfigError */
  read(environment: Environment): Values<S, I>;
  /** An error about settings that only their reader can judge. `seen` must not show a secret. */
  error(problems: readonly ConfigProblem[]): ConfigError;
  /** Other values of internals, for a test: an argument of `loadConfig` and `ConfigModule.forRoot`. */
  with(values: Partial<I>): InternalValues;
}

/** The frozen, typed values of a slice. */
export type SliceValue<C> = C extends ConfigSlice<infer S, infer I> ? Values<S, I> : never;

/**
 * Declares a slice. Keys of `settings` and `internals` are the names the code uses, e.g. `config.poolMax`.
 * @param internals constants that no operator sets and the environment cannot change; a test can, with `slice.with(..)`
 * @param check finds what is wrong with settings that must fit each other. `seen` must not show a secret
 */
export function configSlice<S extends Settings, I extends Internals = Record<never, never>>(
  name: string,
  settings: S,
  internals = {} as I,
  check: (values: Values<S, I>) => readonly ConfigProblem[] = () => [],
): ConfigSlice<S, I> {
  const slice: ConfigSlice<S, I> = {
    name,
    token: Symbol.for(`deskwire:config:${name}`),
    settings,
    internals,
    check,
    of: (tree) => tree[name] as Values<S, I>,
    read: (environment) => {
      const problems: ConfigProblem[] = [];
      const values = readSlice(slice, environment, [], problems);
      if (problems.length > 0) throw new ConfigError(problems);
      return values as Values<S, I>;
    },
    error: (problems) => new ConfigError(problems),
    with: (values) => ({ slice: name, values }),
  };
  return slice;
}

/** Returns the values of one slice, and adds its errors to `problems`. */
export function readSlice(
  { name, settings, internals, check }: ConfigSlice,
  environment: Environment,
  replaced: readonly InternalValues[],
  problems: ConfigProblem[],
): Readonly<Record<string, unknown>> {
  const values: Record<string, unknown> = { ...internals };
  for (const { slice, values: others } of replaced) {
    if (slice !== name) continue;
    for (const [internal, value] of Object.entries(others)) {
      if (!(internal in internals)) throw new Error(`${name} has no internal ${internal}`);
      values[internal] = value;
    }
  }
  const before = problems.length;
  for (const [setting, how] of Object.entries(settings)) values[setting] = readSetting(how, environment, problems);
  if (problems.length === before) problems.push(...check(values));
  return Object.freeze(values);
}
