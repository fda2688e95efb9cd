import { z } from 'zod';
import { publishSchemas } from '#schemas';
import { decimalString } from '#decimal';
import { DomainError, errorCode, fieldIssueSchema } from '#errors';
import { parseRequest } from '#http';
import { brokerName, currencyCode, wireText } from '#text';
import { localTimeIn, timeZoneName } from '#time';
import { deskTime, portfolioId } from '../wire-fields.js';
import { position, snapshotVenue } from './position.dto.js';

const positions = z
  .array(position, { error: 'a list of positions' })
  .max(5000, { error: 'at most 5000 positions' })
  .check(({ value, issues }) => {
    const seen = new Set<string>();
    value.forEach(({ key, leg = '' }, index) => {
      const identity = JSON.stringify([key, leg]);
      if (!seen.has(identity)) return void seen.add(identity);
      issues.push({
        code: 'custom',
        path: [index, 'key'],
        input: key,
        message: 'a key and leg that no other position of the snapshot has',
      });
    });
  });

const cashBalances = z
  .array(z.strictObject({ currency: currencyCode, amount: decimalString }, { error: 'cash: {currency, amount}' }), {
    error: 'a list of cash by currency',
  })
  .max(100, { error: 'at most 100 currencies' })
  .check(({ value, issues }) => {
    const seen = new Set<string>();
    value.forEach(({ currency }, index) => {
      if (seen.has(currency))
        issues.push({ code: 'custom', path: [index, 'currency'], input: currency, message: 'each currency once' });
      seen.add(currency);
    });
  });

/** Quotes are kept by half hour, so a day can only begin on one. */
const dayRoll = z.strictObject(
  {
    timeZone: timeZoneName.refine(hasWholeHalfHours, {
      error: 'a time zone whose offset from UTC is a whole number of half hours',
    }),
    at: z.string().regex(/^(?:[01]\d|2[0-3]):[03]0$/, { error: 'a full or half hour such as "17:00"' }),
  },
  { error: 'when the day begins: {timeZone, at}' },
);

const content = {
  broker: brokerName,
  account: wireText(64),
  asOf: deskTime,
  currency: currencyCode,
  cash: decimalString.optional().describe('required without `cashBalances`, "0" or absent with them'),
  cashBalances: cashBalances.optional(),
  venue: snapshotVenue.optional(),
  dayRoll: dayRoll.optional(),
  value: decimalString.optional().describe("the broker's own value, in `currency`"),
  dayPnl: decimalString.optional().describe("the broker's own P&L of the day, in `currency`"),
  dayFees: decimalString.optional(),
  positions,
  userId: z.uuid({ error: 'the id of a user' }).optional(),
};

function checkCash({
  value: { cash, cashBalances },
  issues,
}: {
  value: { cash?: string | undefined; cashBalances?: unknown };
  issues: unknown[];
}): void {
  const refuse = (message: string) => issues.push({ code: 'custom', path: ['cash'], input: cash, message });
  if (cashBalances === undefined && cash === undefined) refuse('a decimal string such as "1234.50", or cashBalances');
  if (cashBalances !== undefined && /[1-9]/.test(cash ?? '0')) refuse('"0" or nothing, because there are cashBalances');
}

/** `PUT /v1/portfolios/:id/snapshot`. The body may repeat the `portfolioId` of the path. */
export const putSnapshot = z.strictObject({ portfolioId: portfolioId.optional(), ...content }).check(checkCash);
export type PutSnapshot = z.output<typeof putSnapshot>;

const snapshot = z.strictObject({ portfolioId, ...content }).check(checkCash);
export type Snapshot = z.output<typeof snapshot>;

/** An item of a bulk that is no snapshot. It is refused; the others are stored. */
export interface InvalidSnapshot {
  portfolioId: string | null;
  invalid: DomainError;
}

/** `POST /v1/portfolios/snapshots`. Never refuses an item, so that one bad snapshot does not refuse the others. */
export const postSnapshots = z.strictObject({
  snapshots: z
    .array(snapshot.catch((context) => invalidSnapshot(context) as never) as z.ZodType<Snapshot | InvalidSnapshot>, {
      error: 'a list of 1 to 10000 snapshots',
    })
    .min(1, { error: 'a list of 1 to 10000 snapshots' })
    .max(10_000, { error: 'a list of 1 to 10000 snapshots' }),
});
export type PostSnapshots = z.output<typeof postSnapshots>;

/**
 * `stored`: it is the current snapshot, or already was. `stale`: another one, as new or newer, is kept. `refused`: it was not
 * stored for the reason that `code` and `detail` say; `issues` name its wrong fields.
 */
export const snapshotStatus = z.object({
  portfolioId: z.string().nullable().describe('null if the item has none'),
  status: z.enum(['stored', 'stale', 'refused']),
  code: errorCode.optional(),
  detail: z.string().optional(),
  issues: z.array(fieldIssueSchema).optional(),
});
export type SnapshotStatus = z.output<typeof snapshotStatus>;

/** Answer of the bulk: one status per item, in the order sent. */
export const snapshotStatuses = z.object({
  stored: z.int(),
  stale: z.int(),
  refused: z.int(),
  items: z.array(snapshotStatus),
});
export type SnapshotStatuses = z.output<typeof snapshotStatuses>;

/** @param context undefined when the OpenAPI document is made, which shows no default */
function invalidSnapshot(context: { value: unknown } | undefined): InvalidSnapshot | undefined {
  if (context === undefined) return undefined;
  const id = portfolioId.safeParse((context.value as { portfolioId?: unknown } | null)?.portfolioId);
  try {
    parseRequest('body', snapshot, context.value);
  } catch (error) {
    if (error instanceof DomainError) return { portfolioId: id.success ? id.data : null, invalid: error };
    throw error;
  }
  throw new Error('A snapshot was refused and then accepted.');
}

/** In winter and in summer. An unknown time zone is refused elsewhere. */
function hasWholeHalfHours(timeZone: string): boolean {
  try {
    return ['2026-01-01T00:00:00Z', '2026-07-01T00:00:00Z'].every(
      (moment) => localTimeIn(timeZone, new Date(moment)).minutes % 30 === 0,
    );
  } catch {
    return true;
  }
}

publishSchemas({
  CashBalance: cashBalances.element,
  DayRoll: dayRoll,
  Snapshot: putSnapshot,
  SnapshotBatch: postSnapshots,
  SnapshotItem: snapshot,
  SnapshotStatus: snapshotStatus,
  SnapshotStatuses: snapshotStatuses,
});
