import { z } from 'zod';
import { publishSchemas } from '#schemas';
import { decimalString, decimalText } from '#decimal';
import { brokerName, currencyCode, wireFlag, wireText } from '#text';
import { EXPORT_FORMATS } from '../exports/export-reading.js';
import { FLAT_FIELDS } from '../exports/flat-table.js';
import { portfolioSummary } from '../portfolio.dto.js';
import { position } from '../snapshots/position.dto.js';
import { deskTime } from '../wire-fields.js';

const FIELD_AND_COLUMN = new RegExp(`^(?:${FLAT_FIELDS.join('|')})=[^,]+$`);

/** `quantity=Qty,averagePrice=Avg Cost`. */
const columns = wireText(1_000).refine((text) => text.split(',').every((part) => FIELD_AND_COLUMN.test(part)), {
  error: `fields and columns such as "quantity=Qty,lastPrice=LTP"; the fields are ${FLAT_FIELDS.join(', ')}`,
});

/** The columns of fields, as `columns` of a query names them. */
export function namedColumns(text: string | undefined): Record<string, string> | undefined {
  if (text === undefined) return undefined;
  const parts = text.split(',').map((part): [string, string] => {
    const at = part.indexOf('=');
    return [part.slice(0, at), part.slice(at + 1)];
  });
  return Object.fromEntries(parts);
}

/** `POST /v1/portfolios/:id/snapshot`. What the documents do not say and the query does not either comes from the portfolio. */
export const portfolioImportQuery = z.strictObject({
  format: z.enum(EXPORT_FORMATS, { error: `one of ${EXPORT_FORMATS.join(', ')}` }),
  broker: brokerName.optional().describe('that of the portfolio, else the name of the broker of the format'),
  account: wireText(64).optional().describe('that of the documents, else that of the portfolio'),
  asOf: deskTime.optional().describe('that of the documents, else the time of receipt'),
  currency: currencyCode.optional().describe('that of the documents, else the usual one of the format'),
  cash: decimalString.optional().describe('if the documents have none'),
  userId: z.uuid({ error: 'the id of a user' }).optional().describe('the owner, for operators'),
  keys: z
    .enum(['token', 'symbol'], { error: 'token or symbol' })
    .optional()
    .describe('Kite only: `instrument_token`, or `exchange:tradingsymbol`'),
  columns: columns.optional().describe('csv only: the columns of fields, such as `quantity=Qty,lastPrice=LTP`'),
  decimalMark: z.enum(['.', ','], { error: '"." or ","' }).optional().describe('CSV only'),
  allowEmpty: wireFlag.describe('true: an account without positions is stored too'),
  dryRun: wireFlag.describe('true: nothing is stored; the answer shows what would be'),
});
export type PortfolioImportQuery = z.output<typeof portfolioImportQuery>;

/** What an import of documents stored, or would store. */
export const portfolioImport = z.object({
  portfolioId: z.string(),
  format: z.enum(EXPORT_FORMATS),
  status: z
    .enum(['stored', 'stale', 'read'])
    .describe('`stale`: a snapshot as new or newer is kept. `read`: a dry run, nothing is stored'),
  broker: z.string(),
  account: z.string(),
  asOf: z.iso.datetime(),
  currency: z.string(),
  cash: z.array(z.object({ currency: z.string(), amount: decimalText })),
  positions: z.array(
    z.object({ ...position.shape, symbol: z.string().describe('for people; a snapshot has keys only') }),
  ),
  worth: portfolioSummary
    .pick({ value: true, dayPnl: true, known: true, byCurrency: true, incomplete: true })
    .extend({ reconciliation: portfolioSummary.shape.reconciliation })
    .describe(
      "At the prices of the documents, by their rates and the desk's; `reconciliation` has the broker's totals beside ours",
    ),
  understood: z.array(z.object({ name: z.string(), rows: z.int() })).describe('Documents and tables that were read'),
  ignored: z.object({
    columns: z.array(z.string()).describe('Columns that are not used, as `table.column`'),
    rows: z.array(z.object({ rows: z.string(), count: z.int() })).describe('Rows that became no position'),
  }),
  rates: z
    .array(z.object({ base: z.string(), quote: z.string(), price: decimalText }))
    .describe('Of the documents; not stored'),
  notes: z.array(z.string()),
});
export type PortfolioImport = z.output<typeof portfolioImport>;

publishSchemas({
  ExportFormat: portfolioImport.shape.format,
  ImportedPosition: portfolioImport.shape.positions.element,
  PortfolioImport: portfolioImport,
});
