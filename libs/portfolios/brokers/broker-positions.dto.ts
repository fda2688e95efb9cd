import { z } from 'zod';
import { publishSchemas } from '#schemas';
import { decimalText } from '#decimal';
import { EXPORT_FORMATS } from '../exports/export-reading.js';

const figures = z.object({ quantity: decimalText, averagePrice: decimalText.nullable() }).nullable();

/** `GET /v1/portfolios/:id/reconciliation`. */
export const brokerReconciliation = z.object({
  portfolioId: z.string(),
  broker: z.string(),
  account: z.string(),
  format: z.enum(EXPORT_FORMATS),
  comparedAt: z.iso.datetime(),
  snapshotAsOf: z.iso.datetime(),
  agrees: z.boolean(),
  equal: z.int().describe('Number of positions that agree'),
  differences: z.array(
    z.object({
      key: z.string(),
      leg: z.string().nullable(),
      difference: z
        .enum(['missing', 'unknown', 'quantity', 'averagePrice'])
        .describe('`missing`: the broker has it and the snapshot does not. `unknown`: the other way round'),
      snapshot: figures,
      broker: figures,
      quantityDifference: decimalText.describe('What the broker has more than the snapshot'),
    }),
  ),
  notes: z.array(z.string()),
});
export type BrokerReconciliation = z.output<typeof brokerReconciliation>;

publishSchemas({
  BrokerFigures: figures,
  BrokerReconciliation: brokerReconciliation,
  PositionDifference: brokerReconciliation.shape.differences.element,
});
