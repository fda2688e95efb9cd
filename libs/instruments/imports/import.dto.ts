import { z } from 'zod';
import { brokerName } from '#text';
import { pageOf, pageQuery } from '#http';

const count = z.int().min(0);
const counts = {
  inserted: count,
  updated: count,
  unchanged: count,
  relisted: count,
  delisted: count,
  quarantined: count.describe('Quarantined rows, listed in the issues with line and reason'),
  warnings: count.describe('Rows imported with a warning'),
  durationMs: count,
};

export const importQuerySchema = z.strictObject({
  broker: brokerName,
  force: z
    .enum(['true', 'false'], { error: 'true or false' })
    .default('false')
    .transform((value) => value === 'true')
    .describe('Allows any number of delistings'),
});
export type ImportQuery = z.output<typeof importQuerySchema>;

export const importResultSchema = z.object({ importId: z.uuid(), ...counts });
export type ImportResultView = z.output<typeof importResultSchema>;

export const importSchema = z.object({
  id: z.uuid(),
  position: z.int().describe('Consecutive number per broker'),
  broker: z.string(),
  kind: z.enum(['import', 'rollback']),
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

export const importsQuerySchema = z.strictObject({ broker: brokerName.optional(), ...pageQuery(z.uuid()) });
export type ImportsQuery = z.output<typeof importsQuerySchema>;
export const importsPageSchema = pageOf(importSchema);
export type ImportsPage = z.output<typeof importsPageSchema>;

export const importIdSchema = z.uuid({ error: 'the id of an import' });
export const issuesQuerySchema = z.strictObject(pageQuery(z.string().regex(/^\d{1,18}$/)));
export type IssuesQuery = z.output<typeof issuesQuerySchema>;

export const importDetailSchema = importSchema.extend({
  issues: pageOf(
    z.object({
      line: z.int().describe('Line at which the row starts. 0: the whole file'),
      severity: z.enum(['quarantined', 'warning']),
      field: z.string().nullable(),
      reason: z.string(),
      excerpt: z.string(),
    }),
  ).describe('At most 10,000 issues are stored'),
});
export type ImportDetail = z.output<typeof importDetailSchema>;
