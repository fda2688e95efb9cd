import { z } from 'zod';
import { publishSchemas } from '#schemas';
import { wireText } from '#text';
import { timestamp } from '#time';

/** The client chooses a portfolio's id, so it must be safe in a path, a log line and a metric's label. */
export const portfolioId = z
  .string({ error: 'a portfolio id such as "desk-7.main"' })
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/, {
    error: 'a portfolio id: letters, digits, ".", "_", ":" or "-", starting with a letter or digit, at most 64',
  });

/** The broker's key of a contract, in the broker's own spelling: `408065`, `NSE_EQ|INE009A01021`. */
export const instrumentKey = wireText(200);

/** A time from 1970 on. PostgreSQL has no year 0, and 0001-01-01 is some client's default value, not a time. */
export const deskTime = timestamp.refine((value) => value >= '1971' || !(Date.parse(value) < 0), {
  error: 'a time from 1970-01-01 on',
});

const DAY = 'a day such as "2026-11-25", from 1970-01-01 on';
/** A day of a calendar, without a time zone. */
export const calendarDay = z.iso.date({ error: DAY }).refine((day) => day >= '1970-01-01', { error: DAY });

publishSchemas({ InstrumentKey: instrumentKey, PortfolioId: portfolioId });
