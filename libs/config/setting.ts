import type { z } from 'zod';
import type { ConfigProblem } from './config-error.js';
import { unitOf, type Unit } from './units.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Describes how one setting is read from the environment. `T` is the type of its value. */
export interface Setting<T> {
  readonly key: string;
  readonly schema: z.ZodType<T>;
  /** One sentence of meaning, printed in `.env.example`, in the docs and in the boot table. */
  readonly about: string;
  /** Masked wherever it is shown. Its schema must yield a `Secret`. */
  readonly secret: boolean;
  /** A start with NODE_ENV=production fails without it. */
  readonly requiredInProduction: boolean;
  /** Keys of earlier versions. One that is still set is a problem that names the new key. */
  readonly formerly: readonly string[];
  /** How the environment writes it, where that is more than text or a number. */
  readonly unit: Unit | undefined;
  /** A value as the environment writes it: `15m`, `64MiB`, `a,b`. */
  write(value: T): string;
}

export interface SettingOptions {
  secret?: boolean;
  requiredInProduction?: boolean;
  formerly?: string | readonly string[];
}

/** One environment variable: its key, its type and one sentence of meaning. The default belongs to the type. */
export function env<T>(key: string, schema: z.ZodType<T>, about: string, options: SettingOptions = {}): Setting<T> {
  const unit = unitOf(schema);
  return {
    key,
    schema,
    about,
    secret: options.secret ?? false,
    requiredInProduction: options.requiredInProduction ?? false,
    formerly: [options.formerly ?? []].flat(),
    unit,
    write: (value) => (unit ? unit.write(value as number) : Array.isArray(value) ? value.join(',') : String(value)),
  };
}

/** Returns the value of one setting, or adds to `problems`. An empty string counts as unset, like `KEY=` in `.env`. */
export function readSetting(setting: Setting<unknown>, environment: Environment, problems: ConfigProblem[]): unknown {
  const seen = environment[setting.key] || undefined;
  if (seen === undefined && setting.requiredInProduction && environment['NODE_ENV'] === 'production') {
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
