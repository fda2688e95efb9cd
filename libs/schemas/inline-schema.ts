import { z } from 'zod';

/** The metadata of schemas without the names of the published ones. */
const unnamed = {
  get(schema: z.core.$ZodType) {
    const { id: _, ...meta } = z.globalRegistry.get(schema) ?? {};
    return meta;
  },
};

/**
 * The JSON Schema of one schema with the published schemas in place, not as references: for a schema that is read on its own.
 * A recursive schema refers to itself.
 */
export function inlineSchema(schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  return z.toJSONSchema(schema, { io, unrepresentable: 'any', metadata: unnamed as never }) as Record<string, unknown>;
}
