import { z } from 'zod';
import { jsonValue, publishSchemas, publishShape } from '#schemas';
import { pageOf, pageQuery } from '#http';
import { brokerName } from '#text';
import { masterMappingSchema } from '../masters/master-mapping.js';

export const mappingName = z
  .string({ error: 'the name of a mapping such as "angel_nfo"' })
  .regex(/^[a-z][a-z0-9_-]{0,31}$/, { error: 'a-z, 0-9, _ or -, starting with a letter, at most 32' });

export const mappingBodySchema = z
  .record(z.string(), jsonValue, { error: 'a mapping as a JSON object' })
  .describe(
    'The mapping: `key`, `columns` and the other words of docs/import-instruments.md. `name` is that of the path',
  );
export type MappingBody = z.output<typeof mappingBodySchema>;

export const storedMappingSchema = z.object({
  broker: z.string(),
  name: z.string(),
  mapping: mappingBodySchema,
  changedBy: z.uuid(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type StoredMappingView = z.output<typeof storedMappingSchema>;

export const mappingsQuerySchema = z.strictObject({
  broker: brokerName.optional(),
  ...pageQuery(z.tuple([brokerName, mappingName])),
});
export type MappingsQuery = z.output<typeof mappingsQuerySchema>;
export const mappingsPageSchema = pageOf(storedMappingSchema);
export type MappingsPage = z.output<typeof mappingsPageSchema>;

publishShape(
  'MasterMapping',
  mappingBodySchema,
  () => z.strictObject({ ...masterMappingSchema.shape, name: mappingName.optional() }),
  'input',
);
publishSchemas({ MappingName: mappingName, StoredMapping: storedMappingSchema, StoredMappingPage: mappingsPageSchema });
