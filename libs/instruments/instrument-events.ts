import { z } from 'zod';
import { publishSchemas } from '#schemas';
import { defineEvent } from '#events';

export const fieldChange = z.strictObject({
  field: z.string(),
  before: z.string().nullable(),
  after: z.string().nullable(),
});
publishSchemas({ FieldChange: fieldChange });

const imported = {
  kind: z.enum(['import', 'rollback']),
  source: z.string(),
  inserted: z.int(),
  updated: z.int(),
  unchanged: z.int(),
  relisted: z.int(),
  delisted: z.int(),
  quarantined: z.int(),
};
const delisted = { exchange: z.string(), tradingsymbol: z.string(), name: z.string() };

// Version 1 called the import `releaseId`. Its events are still read.
defineEvent('InstrumentsImported', 1, z.strictObject({ releaseId: z.uuid(), ...imported }));
defineEvent('FollowedInstrumentDelisted', 1, z.strictObject({ releaseId: z.uuid(), ...delisted }));

/** A master was imported, or a broker's instruments were rolled back to their state after an earlier import. */
export const InstrumentsImported = defineEvent(
  'InstrumentsImported',
  2,
  z.strictObject({ importId: z.uuid(), ...imported }),
);

const contract = { importId: z.uuid(), exchange: z.string(), tradingsymbol: z.string(), name: z.string() };
const followed = z.strictObject(contract);
publishSchemas({ FollowedInstrumentPayload: followed });

/** A contract that the user follows is no longer in its broker's master. */
export const FollowedInstrumentDelisted = defineEvent('FollowedInstrumentDelisted', 2, followed);

/** An import or rollback changed a contract that the user follows: its symbol, expiry, strike, lot or tick. */
export const FollowedInstrumentChanged = defineEvent(
  'FollowedInstrumentChanged',
  1,
  z.strictObject({
    ...contract,
    changes: z.array(fieldChange),
  }),
);

/** A delisted contract that the user follows is in its broker's master again. */
export const FollowedInstrumentRelisted = defineEvent('FollowedInstrumentRelisted', 1, followed);
