import { z } from 'zod';
import { publishedSchemas, publishSchemas, type SchemaForm } from './published-schemas.js';

type Json = Readonly<Record<string, unknown>>;

/** Strings of these formats are one component each, whatever the error message of their schema says. */
const FORMATS: Readonly<Record<string, string>> = { uuid: 'Uuid', date: 'Day', 'date-time': 'Time' };
publishSchemas({
  Uuid: z.uuid(),
  Day: z.iso.date().describe('A day of the calendar'),
  Time: z.iso.datetime({ offset: true }).describe('A time in RFC 3339 with a zone. Answers are in UTC'),
});

const ANNOTATIONS: ReadonlySet<string> = new Set(['title', 'description', 'default', 'examples', 'deprecated']);
/** Keywords whose values are no schemas. */
const VALUES: ReadonlySet<string> = new Set([...ANNOTATIONS, 'enum', 'const', 'required']);
const DEFS = '#/$defs/';
const COMPONENTS = '#/components/schemas/';
/** Ends the key of a component as the desk reads it. */
const READ = '?';

/**
 * The named schemas of the published documents. Each use of a published schema becomes a reference to a component. One that
 * differs as the desk reads it from what it answers becomes two: `Dedupe` and `DedupeInput`. The documents share one instance,
 * so that a name means the same in all of them.
 */
export class SchemaComponents {
  readonly #bodies = new Map<string, Json>();
  /** Names of the published enumerations by their values: a copy with its own error message is the same component. */
  readonly #enumerations = new Map<string, string>();

  /** @param shapes schemas that are known only when the app is composed, by the published name that they fill */
  constructor(private readonly shapes: Readonly<Record<string, z.ZodType>> = {}) {
    for (const [name, { schema }] of publishedSchemas())
      if (schema instanceof z.ZodEnum) this.#enumerations.set(JSON.stringify(schema.options), name);
  }

  /** The JSON Schema of a use: a reference to a published schema, else its parts with references. */
  use(schema: z.ZodType, form: SchemaForm): Json {
    return this.#linked(this.#converted(schema, form), form);
  }

  /**
   * A copy of a document with the components that it refers to.
   * @throws Error for a reference to a component that was not used
   */
  complete<Document extends object>(document: Document): Document & { components: { schemas: Record<string, Json> } } {
    const names = this.#names();
    const schemas = new Map<string, Json>();
    const copied = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(copied);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(
        Object.entries(value).map(([key, inner]: [string, unknown]) => [
          key,
          key === '$ref' && typeof inner === 'string' && inner.startsWith(COMPONENTS) ? named(inner) : copied(inner),
        ]),
      );
    };
    const named = (reference: string): string => {
      const key = reference.slice(COMPONENTS.length);
      const name = names.get(key) ?? names.get(key + READ);
      if (name === undefined) throw new Error(`The document refers to ${key}, and no schema was published as such.`);
      if (!schemas.has(name)) {
        schemas.set(name, {});
        schemas.set(name, copied(this.#bodies.get(key) ?? this.#bodies.get(key + READ)) as Json);
      }
      return COMPONENTS + name;
    };
    const copy = copied(document) as Document & { components?: object };
    const sorted = [...schemas].sort(([one], [other]) => (one < other ? -1 : 1));
    return { ...copy, components: { ...copy.components, schemas: Object.fromEntries(sorted) } };
  }

  /** The schema without its definitions, which become components. */
  #converted(schema: z.ZodType, form: SchemaForm): Json {
    const { $schema: _, $defs = {}, ...root } = jsonSchemaOf(schema, form);
    for (const [name, body] of Object.entries($defs as Record<string, Json>)) this.#keep(name, body, form);
    return root;
  }

  #keep(name: string, body: Json, form: SchemaForm): void {
    const key = this.#keyOf(name, form);
    if (this.#bodies.has(key)) return;
    this.#bodies.set(key, {});
    const published = publishedSchemas().get(name);
    const shape = this.shapes[name] ?? published?.shape?.();
    if (shape === undefined) this.#bodies.set(key, this.#parts(body, form));
    else {
      const { description } = body;
      const shapeForm = published?.form ?? form;
      const shown = this.#parts(this.#converted(shape, shapeForm), shapeForm);
      this.#bodies.set(key, { ...(description === undefined ? {} : { description }), ...shown });
    }
  }

  #keyOf(name: string, form: SchemaForm): string {
    return form === 'output' || publishedSchemas().get(name)?.form !== undefined ? name : name + READ;
  }

  /** A reference to a component if the schema is a copy of one, else its parts. */
  #linked(node: Json, form: SchemaForm): Json {
    const name = node['type'] === 'string' ? this.#scalarOf(node) : undefined;
    if (name === undefined) return this.#parts(node, form);
    const { schema } = publishedSchemas().get(name)!;
    return { ...this.#parts(this.#converted(schema, 'output'), 'output'), ...annotationsOf(node) };
  }

  #parts(node: Json, form: SchemaForm): Json {
    // A refinement repeats what it refines.
    if (typeof node['$ref'] === 'string') return { $ref: this.#reference(node['$ref'], form), ...annotationsOf(node) };
    const inner = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(inner);
      return typeof value === 'object' && value !== null ? this.#linked(value as Json, form) : value;
    };
    return Object.fromEntries(
      Object.entries(node).map(([key, value]): [string, unknown] => {
        if (VALUES.has(key)) return [key, value];
        if (key !== 'properties') return [key, inner(value)];
        return [key, Object.fromEntries(Object.entries(value as Json).map(([name, each]) => [name, inner(each)]))];
      }),
    );
  }

  /** @throws Error for a recursive schema that is not published: a document has no place for its definition */
  #reference(reference: string, form: SchemaForm): string {
    const name = reference.startsWith(DEFS) ? reference.slice(DEFS.length) : '';
    if (!publishedSchemas().has(name)) throw new Error(`A schema that refers to ${reference} must be published.`);
    return COMPONENTS + this.#keyOf(name, form);
  }

  #scalarOf(node: Json): string | undefined {
    return FORMATS[node['format'] as string] ?? this.#enumerations.get(JSON.stringify(node['enum']));
  }

  /** The published name of each key. What the desk reads has its own only where it differs from what it answers. */
  #names(): Map<string, string> {
    const differing = new Set<string>();
    const text = (key: string) =>
      JSON.stringify(this.#bodies.get(key), (_, value: unknown) =>
        typeof value === 'string' && value.startsWith(COMPONENTS) && value.endsWith(READ)
          ? differing.has(value.slice(COMPONENTS.length, -1))
            ? value
            : value.slice(0, -1)
          : value,
      );
    const both = [...this.#bodies.keys()].filter((key) => this.#bodies.has(key + READ));
    for (let before = -1; before < differing.size;) {
      before = differing.size;
      for (const name of both) if (text(name) !== text(name + READ)) differing.add(name);
    }
    return new Map(
      [...this.#bodies.keys()].map((key): [string, string] => {
        const name = key.endsWith(READ) ? key.slice(0, -1) : key;
        return [key, key !== name && differing.has(name) ? `${name}Input` : name];
      }),
    );
  }
}

function jsonSchemaOf(schema: z.ZodType, io: SchemaForm): Json {
  const override = ({ jsonSchema }: { jsonSchema: Record<string, unknown> }) => closeTuple(jsonSchema);
  return z.toJSONSchema(schema, { target: 'draft-2020-12', io, unrepresentable: 'any', override }) as unknown as Json;
}

/** A tuple has no further items, and says so also to readers of `items` alone. */
function closeTuple(schema: Record<string, unknown>): void {
  const { prefixItems: parts, items } = schema;
  if (!Array.isArray(parts) || typeof items === 'object') return;
  const kinds = new Map(parts.map((part) => [JSON.stringify(part), part as object]));
  schema['items'] = kinds.size === 1 ? parts[0] : { anyOf: [...kinds.values()] };
  schema['minItems'] = schema['maxItems'] = parts.length;
}

function annotationsOf(node: Json): Json {
  return Object.fromEntries(Object.entries(node).filter(([key]) => ANNOTATIONS.has(key)));
}
