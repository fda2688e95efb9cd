import type { z } from 'zod';
import { inlineSchema } from '#schemas';

/** The part of a JSON Schema that decides which fields a payload has. */
interface Shape {
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  format?: string;
  $ref?: string;
  anyOf?: Shape[];
  oneOf?: Shape[];
  allOf?: Shape[];
  items?: Shape | boolean;
  prefixItems?: Shape[];
  properties?: Record<string, Shape>;
  additionalProperties?: Shape | boolean;
}

/** What a field holds. `any`: a free part of the payload, in which every path is a field. */
export type FieldKind = 'text' | 'number' | 'boolean' | 'time' | 'any';

/** A field of a type of event, or a free part of its payload. */
export interface EventField {
  /** As rules name it; `payload.extra.*` for a free part. */
  path: string;
  /** Several, if versions of the type or members of a union differ. */
  kinds: FieldKind[];
  /** The values that it can have, if they are few. */
  values?: string[];
}

/** Fields that every event has. */
export const COMMON_FIELDS: readonly string[] = ['type', 'broker', 'userId', 'instrumentId'];
const SCALARS = ['string', 'number', 'integer', 'boolean'];
/** Levels of a field path, `payload` included: deeper fields cannot be named. */
const MAX_LEVELS = 9;

/** A declared version of a type of event. */
interface Declared {
  readonly type: string;
  readonly payload: z.ZodType;
}

/**
 * The fields of one type of event that a rule can read, from the zod schemas of its payload in all versions. A field holds text, a number
 * or a boolean, or a list of them; of a list of objects each object's fields count. Below a free part of the payload
 * (unknown, any, a record, a loose object) every path is a field.
 */
export class EventFields {
  /** In the order of the schema. */
  readonly all: readonly EventField[];
  readonly names: readonly string[];
  private readonly found: ReadonlySet<string>;
  private readonly shape: Shape;

  private constructor(
    readonly type: string,
    readonly versions: readonly Declared[],
  ) {
    this.shape = { anyOf: versions.map(({ payload }) => shapeOf(payload)) };
    this.all = merged(fieldsOf(this.shape, 'payload'));
    this.names = this.all.map(({ path }) => path);
    this.found = new Set(this.names);
  }

  /** One for each type, in the order given. */
  static of(declared: readonly Declared[]): EventFields[] {
    const versions = Map.groupBy(declared, ({ type }) => type);
    return [...versions].map(([type, each]) => {
      const kept = known.get(each[0]!);
      if (kept?.versions.length === each.length) return kept;
      const fields = new EventFields(type, each);
      known.set(each[0]!, fields);
      return fields;
    });
  }

  /** @param path as rules name it: `type`, `payload.filers.ticker`, `payload.tickers.0` */
  has(path: string): boolean {
    return COMMON_FIELDS.includes(path) || this.found.has(path) || leads(this.shape, path.split('.').slice(1));
  }
}

/** By the first version of a type: types are declared once, when their lib is loaded. */
const known = new WeakMap<Declared, EventFields>();

function shapeOf(payload: z.ZodType): Shape {
  return inlineSchema(payload, 'output') as Shape;
}

/** Whether a path ends at a value that a rule can read. */
function leads(shape: Shape | boolean, keys: readonly string[]): boolean {
  if (typeof shape === 'boolean') return shape;
  if (isFree(shape)) return true;
  const branches = branchesOf(shape);
  if (branches !== undefined) return branches.some((each) => leads(each, keys));
  const [key, ...rest] = keys;
  const types = typesOf(shape);
  if (key === undefined && types.some((type) => SCALARS.includes(type))) return true;
  if (types.includes('array')) {
    const inner = key !== undefined && /^\d{1,4}$/.test(key) ? rest : keys;
    if (itemsOf(shape).some((each) => leads(each, inner))) return true;
  }
  if (key === undefined || !types.includes('object')) return false;
  const property = Object.hasOwn(shape.properties ?? {}, key) ? shape.properties![key]! : shape.additionalProperties;
  return property !== undefined && leads(property, rest);
}

/** One for each path. */
function merged(found: readonly EventField[]): EventField[] {
  return [...Map.groupBy(found, ({ path }) => path)].map(([path, each]) => {
    const values = each.every((one) => one.values !== undefined) && [...new Set(each.flatMap((one) => one.values!))];
    return { path, kinds: [...new Set(each.flatMap(({ kinds }) => kinds))], ...(values && { values }) };
  });
}

function fieldsOf(shape: Shape | boolean, path: string, level = 1): EventField[] {
  if (shape === false || level > MAX_LEVELS) return [];
  if (shape === true || isFree(shape)) return [{ path: path.endsWith('*') ? path : `${path}.*`, kinds: ['any'] }];
  const branches = branchesOf(shape);
  if (branches !== undefined) return branches.flatMap((each) => fieldsOf(each, path, level));
  const types = typesOf(shape);
  return [
    ...scalarsOf(shape, types, path),
    ...(types.includes('array') ? itemsOf(shape).flatMap((each) => fieldsOf(each, path, level)) : []),
    ...Object.entries(shape.properties ?? {}).flatMap(([key, each]) => fieldsOf(each, `${path}.${key}`, level + 1)),
    ...(shape.additionalProperties === undefined ? [] : fieldsOf(shape.additionalProperties, `${path}.*`, level + 1)),
  ];
}

function scalarsOf({ format, enum: given }: Shape, types: readonly string[], path: string): EventField[] {
  const kinds = types.filter((type) => SCALARS.includes(type)).map((type) => kindOf(type, format));
  if (kinds.length === 0) return [];
  const values = given?.filter((value) => typeof value === 'string');
  return [{ path, kinds: [...new Set(kinds)], ...(values && values.length > 0 && { values }) }];
}

function kindOf(type: string, format: string | undefined): FieldKind {
  if (type === 'string') return format === 'date-time' ? 'time' : 'text';
  return type === 'boolean' ? 'boolean' : 'number';
}

/** A schema without a type allows any value. A reference to a part of the schema itself also counts as free. */
function isFree(shape: Shape): boolean {
  return shape.$ref !== undefined || (branchesOf(shape) === undefined && typesOf(shape).length === 0);
}

function branchesOf({ anyOf, oneOf, allOf }: Shape): Shape[] | undefined {
  return anyOf ?? oneOf ?? allOf;
}

function itemsOf({ items, prefixItems = [] }: Shape): (Shape | boolean)[] {
  return [...prefixItems, items ?? true];
}

function typesOf(shape: Shape): string[] {
  if (shape.type !== undefined) return [shape.type].flat();
  return [...(shape.enum ?? []), ...('const' in shape ? [shape.const] : [])].map((value) => typeof value);
}
