import { z } from 'zod';

/** What the desk reads or what it answers. A field with a default may be left out of the first and is always in the second. */
export type SchemaForm = 'input' | 'output';

/** A schema with a name in the published documents. */
interface PublishedSchema {
  schema: z.ZodType;
  /** Makes the schema that is published instead. */
  shape?: () => z.ZodType;
  /** The only form that is published. */
  form?: SchemaForm | undefined;
}

const published = new Map<string, PublishedSchema>();

/**
 * Names schemas, once, when their lib is loaded. In OpenAPI and AsyncAPI each is a component of that name, and each use of
 * it a reference. The same as `.meta({ id })` for all of them, without the copies that it makes.
 * @param schemas by name in PascalCase: `Alert`, `AlertPage`
 * @throws Error if a name is taken, or a schema has a name
 */
export function publishSchemas(schemas: Readonly<Record<string, z.ZodType>>): void {
  for (const [name, schema] of Object.entries(schemas)) add(name, { schema });
}

/**
 * Names a schema and publishes the one that `shape` returns: for a schema that checks more than JSON Schema can express, or
 * whose members are known only when all libs are loaded. `shape` is called when a document is made.
 * @param form the only form that is published. Default: both, if they differ
 * @throws Error if the name is taken, or the schema has a name
 */
export function publishShape(name: string, schema: z.ZodType, shape: () => z.ZodType, form?: SchemaForm): void {
  add(name, { schema, shape, form });
}

/** All published schemas by name. */
export function publishedSchemas(): ReadonlyMap<string, Readonly<PublishedSchema>> {
  return published;
}

function add(name: string, entry: PublishedSchema): void {
  if (published.has(name)) throw new Error(`Two schemas are published as ${name}.`);
  const meta = z.globalRegistry.get(entry.schema);
  if (meta?.id !== undefined) throw new Error(`The schema ${name} is already published as ${meta.id}.`);
  z.globalRegistry.add(entry.schema, { ...meta, id: name });
  published.set(name, entry);
}
