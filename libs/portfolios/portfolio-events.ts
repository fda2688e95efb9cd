import { z } from 'zod';
import { defineEvent } from '#events';

/** The first snapshot of a portfolio was stored. Later ones, up to one a second, go to the change feed only. */
export const portfolioOpened = defineEvent(
  'PortfolioOpened',
  1,
  z.object({
    portfolioId: z.string(),
    broker: z.string(),
    account: z.string(),
    currency: z.string(),
    openedBy: z.uuid(),
  }),
);

/** An operator moved a portfolio to another owner. */
export const portfolioOwnerChanged = defineEvent(
  'PortfolioOwnerChanged',
  1,
  z.object({ portfolioId: z.string(), previousUserId: z.uuid(), userId: z.uuid(), changedBy: z.uuid() }),
);

/** The user who did it; null: the command line. */
const by = z.uuid().nullable();

/** A portfolio was closed: it takes no snapshots and is in no total. */
export const portfolioClosed = defineEvent(
  'PortfolioClosed',
  1,
  z.object({ portfolioId: z.string(), broker: z.string(), account: z.string(), closedBy: by }),
);

/** A closed portfolio was reopened. */
export const portfolioReopened = defineEvent(
  'PortfolioReopened',
  1,
  z.object({ portfolioId: z.string(), broker: z.string(), account: z.string(), reopenedBy: by }),
);

/** A portfolio was deleted with its history. */
export const portfolioDeleted = defineEvent(
  'PortfolioDeleted',
  1,
  z.object({ portfolioId: z.string(), broker: z.string(), account: z.string(), deletedBy: by }),
);
