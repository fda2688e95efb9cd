import type { z } from 'zod';

/** How one setting is read from the environment. `T` is what the code gets. */
export interface Setting<T> {
  readonly key: string;
  readonly schema: z.ZodType<T>;
  /** One line of meaning, printed in `.env.example` and in the boot table. */
  readonly about: string;
  /** Masked wherever it is shown. Its schema must yield a `Secret`. */
  readonly secret: boolean;
  /** The boot of NODE_ENV=production stops without it. */
  readonly requiredInProduction: boolean;
}

export interface SettingOptions {
  secret?: boolean;
  requiredInProduction?: boolean;
}

/** One environment variable: its key, what it may be, and one line of meaning. The default belongs to the schema. */
export function env<T>(key: string, schema: z.ZodType<T>, about: string, options: SettingOptions = {}): Setting<T> {
  return {
    key,
    schema,
    about,
    secret: options.secret ?? false,
    requiredInProduction: options.requiredInProduction ?? false,
  };
}

type Settings = Record<string, Setting<unknown>>;

/** A lib's part of the environment: declared by the lib, parsed once at boot, injected by `token`. */
export interface ConfigSlice<S extends Settings = Settings> {
  readonly name: string;
  readonly token: symbol;
  readonly settings: S;
}

/** The frozen, typed values of a slice. */
export type SliceValue<C> =
  C extends ConfigSlice<infer S> ? { readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never } : never;

/** Declares a slice. Keys of `settings` are the names the code uses, e.g. `config.poolMax`. */
export function configSlice<S extends Settings>(name: string, settings: S): ConfigSlice<S> {
  return { name, token: Symbol.for(`deskwire:config:${name}`), settings };
}
