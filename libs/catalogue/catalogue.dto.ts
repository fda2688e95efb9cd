import { z } from 'zod';
import { jsonObject, publishSchemas } from '#schemas';

const texts = z.array(z.string());
const kind = z
  .enum(['text', 'number', 'boolean', 'time', 'any'])
  .describe('Kind of the values. any: a free part of the payload, in which every path is a field');

const eventType = z.object({
  type: z.string(),
  versions: z.array(z.int()).describe('Versions of the payload, oldest first'),
  operator: z.string().nullable().describe('Severity, if the event concerns operators'),
  confidential: z.boolean().describe('Only its user and operators see it'),
  fields: z.array(
    z.object({
      path: z.string().describe('As rules name it, such as `payload.title`. `payload.extra.*` for a free part'),
      kinds: z.array(kind),
      values: texts.optional().describe('The values that it can have'),
    }),
  ),
});

const operator = z.object({
  op: z.string(),
  kinds: z.array(kind).describe('Kinds of fields that it tests. Empty: it has no field'),
  members: z
    .array(z.object({ name: z.string(), required: z.boolean() }))
    .describe('Members of the test beside `op` and `field`'),
});

const panel = z.object({
  name: z.string(),
  onlyByName: z.boolean().describe('Shown only to those who name it'),
  parameters: jsonObject.describe('JSON Schema of its parameters'),
});

const broker = z.object({
  name: z.string(),
  exchanges: texts.describe('Exchanges of its imported masters'),
  imported: z.boolean().describe('false: the desk can read its master, and none was imported'),
});

/** `GET /v1/catalogue`. */
export const catalogueSchema = z.object({
  eventTypes: z.array(eventType),
  commonFields: texts.describe('Fields that every event has'),
  operators: z.array(operator).describe('Operators of conditions, as `ConditionTest` has them'),
  panels: z.array(panel),
  brokers: z.array(broker),
  venues: texts.describe('Venues with a calendar'),
  messageFormats: texts,
  severities: texts.describe('In ascending order'),
  roles: texts.describe('In ascending order: each includes the ones before it'),
});
export type CatalogueAnswer = z.output<typeof catalogueSchema>;

publishSchemas({
  Catalogue: catalogueSchema,
  CatalogueBroker: broker,
  CatalogueEventType: eventType,
  CatalogueField: eventType.shape.fields.element,
  CatalogueOperator: operator,
  CataloguePanel: panel,
  FieldKind: kind,
});
