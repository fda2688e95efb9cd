import { z } from 'zod';
import { decimalString } from '#decimal';
import { brokerName, wireText } from '#text';
import { currencyCode, deskTime, instrumentKey, portfolioId } from '../wire-fields.js';

const position = z.strictObject(
  {
    key: instrumentKey,
    quantity: decimalString,
    averagePrice: decimalString,
    lastPrice: decimalString,
    previousClose: decimalString.optional(),
    multiplier: decimalString.optional(),
  },
  { error: 'a position: {key, quantity, averagePrice, lastPrice, previousClose?, multiplier?}' },
);

const positions = z
  .array(position, { error: 'a list of positions' })
  .max(5000, { error: 'at most 5000 positions' })
  .check(({ value, issues }) => {
    const seen = new Set<string>();
    value.forEach(({ key }, index) => {
      if (!seen.has(key)) return void seen.add(key);
      issues.push({
        code: 'custom',
        path: [index, 'key'],
        input: key,
        message: 'a key that no other position of the snapshot has',
      });
    });
  });

const content = {
  broker: brokerName,
  account: wireText(64),
  asOf: deskTime,
  currency: currencyCode,
  cash: decimalString,
  positions,
  userId: z.uuid({ error: 'the id of a user' }).optional(),
};

/** `PUT /v1/portfolios/:id/snapshot`. The body may repeat the `portfolioId` of the path. */
export const putSnapshot = z.strictObject({ portfolioId: portfolioId.optional(), ...content });
export type PutSnapshot = z.output<typeof putSnapshot>;

/** One item of `POST /v1/portfolios/snapshots`. */
export const snapshot = z.strictObject({ portfolioId, ...content });
export type Snapshot = z.output<typeof snapshot>;

export const postSnapshots = z.strictObject({
  snapshots: z
    .array(snapshot, { error: 'a list of 1 to 10000 snapshots' })
    .min(1, { error: 'a list of 1 to 10000 snapshots' })
    .max(10_000, { error: 'a list of 1 to 10000 snapshots' }),
});
export type PostSnapshots = z.output<typeof postSnapshots>;

/** `stored`: it is the current snapshot, or already was. `stale`: another one, as new or newer, is kept. */
export const snapshotStatus = z.object({ portfolioId: z.string(), status: z.enum(['stored', 'stale']) });
export type SnapshotStatus = z.output<typeof snapshotStatus>;

/** Answer of the bulk: one status per item, in the order sent. */
export const snapshotStatuses = z.object({ stored: z.int(), stale: z.int(), items: z.array(snapshotStatus) });
