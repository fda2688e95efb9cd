import { z } from 'zod';
import { defineEvent } from '#events';

/** A master was imported, or a broker's instruments were rolled back to an earlier release. */
export const InstrumentsImported = defineEvent(
  'InstrumentsImported',
  1,
  z.strictObject({
    releaseId: z.uuid(),
    kind: z.enum(['import', 'rollback']),
    source: z.string(),
    inserted: z.int(),
    updated: z.int(),
    unchanged: z.int(),
    relisted: z.int(),
    delisted: z.int(),
    quarantined: z.int(),
  }),
);

/** A contract that the user follows is no longer in its broker's master. */
export const FollowedInstrumentDelisted = defineEvent(
  'FollowedInstrumentDelisted',
  1,
  z.strictObject({ releaseId: z.uuid(), exchange: z.string(), tradingsymbol: z.string(), name: z.string() }),
);
