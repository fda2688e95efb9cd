import { z } from 'zod';
import { publishSchemas } from '#schemas';
import { decimalText } from '#decimal';
import { errorCode } from '#errors';
import { BY_ID, brokerName, wireList, wireOrder } from '#text';
import { pageOf, pageQuery } from '#http';
import { fieldChange } from '../instrument-events.js';
import { mappingName } from '../mappings/mapping.dto.js';

const IMPORT_KINDS = ['import', 'rollback'] as const;
const count = z.int().min(0);
const decimal = decimalText;
const contractFields = {
  key: z.string(),
  exchange: z.string(),
  tradingsymbol: z.string(),
  name: z.string(),
  expiry: z.iso.date().nullable(),
};
const counts = {
  inserted: count,
  updated: count,
  unchanged: count,
  relisted: count,
  delisted: count,
  quarantined: count.describe('Quarantined rows, listed in the issues with line and reason'),
  filtered: count.describe('Rows that the filters of the mapping left out'),
  warnings: count.describe('Rows imported with a warning'),
  durationMs: count,
};

const flag = (meaning: string) =>
  z
    .enum(['true', 'false'], { error: 'true or false' })
    .default('false')
    .transform((value) => value === 'true')
    .describe(meaning);

export const importQuerySchema = z.strictObject({
  broker: brokerName,
  mapping: mappingName.optional().describe('Name of a stored mapping of the broker, or else of a built-in format'),
  dryRun: flag('Reads and compares the whole file, and stores nothing'),
  partial: flag('The file is a part of a master: it inserts and updates, and delists nothing'),
  force: flag('Imports in spite of the guards of delistings, quarantined rows, dates and keys'),
});
export type ImportQuery = z.output<typeof importQuerySchema>;

export const importResultSchema = z.object({ importId: z.uuid(), ...counts });
export type ImportResultView = z.output<typeof importResultSchema>;

const issueSchema = z.object({
  line: z.int().describe('Line at which the row starts. 0: the whole file'),
  severity: z.enum(['quarantined', 'warning']),
  field: z.string().nullable(),
  reason: z.string(),
  excerpt: z.string(),
});

export const dryRunSchema = z.object({
  dryRun: z.literal(true),
  ...counts,
  master: z.string().describe('Mapping that read the file'),
  exchanges: z.array(z.string()),
  whole: z.boolean().describe('False for one page of several, which delists nothing'),
  rows: z
    .array(
      z.object({
        line: z.int(),
        action: z.enum(['insert', 'update', 'relist', 'unchanged']),
        ...contractFields,
        segment: z.string().nullable(),
        type: z.string().nullable(),
        strike: decimal.nullable(),
        tickSize: decimal.nullable(),
        lotSize: decimal.nullable(),
        attributes: z.record(z.string(), z.string()),
      }),
    )
    .describe('The first 20 rows as they would be stored'),
  issues: z.array(issueSchema).describe('The first 100 issues'),
  refusal: z
    .object({ code: errorCode, detail: z.string() })
    .nullable()
    .describe('The error that the import would answer; null if it would succeed'),
});
export type DryRunView = z.output<typeof dryRunSchema>;

export const importSchema = z.object({
  id: z.uuid(),
  position: z.int().describe('Consecutive number per broker'),
  broker: z.string(),
  kind: z.enum(IMPORT_KINDS),
  source: z.string(),
  master: z.string().nullable().describe('Mapping that read the file'),
  sha256: z.string().nullable(),
  exchanges: z.array(z.string()).describe('Exchanges of the file, whose contracts it could delist'),
  rows: count,
  ...counts,
  listed: count.describe('Listed contracts of the broker after the import'),
  forced: z.boolean(),
  restores: z.uuid().nullable().describe('Import to which a rollback returned'),
  isDemo: z.boolean(),
  createdBy: z.uuid().nullable(),
  createdAt: z.iso.datetime(),
});

const rowCount = z.string().regex(/^\d{1,9}$/);
export const importOrder = wireOrder(
  {
    ...{ createdAt: BY_ID, broker: brokerName },
    ...{ inserted: rowCount, updated: rowCount, relisted: rowCount, delisted: rowCount, quarantined: rowCount },
  },
  '-createdAt',
);
export const importsQuerySchema = z
  .strictObject({
    broker: wireList(brokerName).optional(),
    kind: wireList(z.enum(IMPORT_KINDS, { error: IMPORT_KINDS.join(' or ') })).optional(),
    sort: importOrder.sort,
    ...pageQuery(importOrder.key(z.uuid())),
  })
  .refine(...importOrder.sameOrder);
export type ImportsQuery = z.output<typeof importsQuerySchema>;
export const importsPageSchema = pageOf(importSchema);
export type ImportsPage = z.output<typeof importsPageSchema>;

export const importIdSchema = z.uuid({ error: 'the id of an import' });
export const issuesQuerySchema = z.strictObject(pageQuery(z.string().regex(/^\d{1,18}$/)));
export type IssuesQuery = z.output<typeof issuesQuerySchema>;

export const importDetailSchema = importSchema.extend({
  issues: pageOf(issueSchema).describe('At most 10,000 issues are stored'),
});
export type ImportDetail = z.output<typeof importDetailSchema>;

export const changesQuerySchema = z.strictObject({
  action: z
    .enum(['insert', 'update', 'relist', 'delist'], { error: 'insert, update, relist or delist' })
    .optional()
    .describe('Only changes of this kind'),
  ...pageQuery(z.uuid()),
});
export type ChangesQuery = z.output<typeof changesQuerySchema>;

export const changesPageSchema = pageOf(
  z.object({
    instrumentId: z.uuid(),
    action: z.enum(['insert', 'update', 'relist', 'delist']),
    ...contractFields,
    changes: z.array(fieldChange).describe('The fields that differ. Empty for a new contract'),
  }),
);
export type ChangesPage = z.output<typeof changesPageSchema>;

publishSchemas({
  InstrumentChangeAction: changesPageSchema.shape.items.element.shape.action,
  InstrumentChange: changesPageSchema.shape.items.element,
  InstrumentChangePage: changesPageSchema,
  InstrumentDryRunRow: dryRunSchema.shape.rows.element,
  InstrumentImport: importSchema,
  InstrumentImportDetail: importDetailSchema,
  InstrumentImportDryRun: dryRunSchema,
  InstrumentImportIssue: issueSchema,
  InstrumentImportPage: importsPageSchema,
  InstrumentImportResult: importResultSchema,
});
