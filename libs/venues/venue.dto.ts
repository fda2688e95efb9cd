import { z } from 'zod';
import { publishSchemas } from '#schemas';
import { pageQuery } from '#http';
import { wireText } from '#text';
import { VENUE_NAMES } from './calendars/calendars.js';

const DAY = { error: 'a day such as "2026-11-25"' };
const day = z.iso.date(DAY);
const TIME = { error: 'a local time such as "09:15", "24:00", or "-1 17:00" for 17:00 on the day before' };
const time = z.string(TIME).regex(/^(?:(?:-1 )?(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/, TIME);

export const venueName = z.enum(VENUE_NAMES, { error: `one of ${VENUE_NAMES.join(', ')}` });

const hours = z
  .array(z.tuple([time, time], { error: 'an opening and a closing time' }))
  .max(10)
  .refine(
    (sessions) => {
      const minutes = sessions.flat().map(minutesOf);
      return minutes.every(
        (minute, index) =>
          index === 0 || (index % 2 === 1 ? minute > minutes[index - 1]! : minute >= minutes[index - 1]!),
      );
    },
    { error: 'sessions in order of time, each closing after it opens, none overlapping' },
  );

/** `PUT /v1/venues/:name/days`. */
export const putVenueDay = z.strictObject({
  day,
  sessions: hours
    .nullable()
    .describe('Local opening and closing times of the day; empty: closed; null: removes the correction'),
  reason: wireText(200).describe('Reason for the correction'),
});
export type PutVenueDay = z.output<typeof putVenueDay>;

/** `GET /v1/venues/:name/days`: by default 30 days from today. */
export const venueDaysQuery = z.strictObject({ from: day.optional(), to: day.optional(), ...pageQuery() });
export type VenueDaysQuery = z.output<typeof venueDaysQuery>;

export const venueDaySchema = z.object({
  day: z.iso.date(),
  tradingDay: z.iso.date().nullable().describe('The trading day that the sessions belong to; null: closed'),
  sessions: z.array(z.object({ opens: z.iso.datetime(), closes: z.iso.datetime() })),
  known: z.boolean().describe('Whether the calendar covers the day. false: only the weekly hours are known'),
  correction: z.string().nullable().describe('Reason that an operator gave for the correction'),
});
export type VenueDayView = z.output<typeof venueDaySchema>;
export const venueDaysSchema = z.object({ venue: venueName, timeZone: z.string(), days: z.array(venueDaySchema) });
export type VenueDaysView = z.output<typeof venueDaysSchema>;

const venueSchema = z.object({
  name: venueName,
  title: z.string(),
  timeZone: z.string(),
  open: z.boolean().describe('Whether it is open now'),
  sessionDay: z.iso.date().describe('The newest trading day that has begun'),
  previousDay: z.iso.date().describe('The trading day before it'),
  knownTo: z.iso.date().nullable().describe('Last day of the calendar. null: no end'),
  source: z.string().describe('Source of the calendar'),
  asOf: z.iso.date().describe('Day on which the source was read'),
});
export const venuesQuery = z.strictObject(pageQuery());
export const venuesSchema = z.object({ items: z.array(venueSchema) });
export type VenuesView = z.output<typeof venuesSchema>;

function minutesOf(text: string): number {
  const [clock, days] = text.split(' ').toReversed();
  const [hour, minute] = clock!.split(':').map(Number);
  return Number(days ?? 0) * 1_440 + hour! * 60 + minute!;
}

publishSchemas({
  Venue: venueSchema,
  VenueDay: venueDaySchema,
  VenueDayCorrection: putVenueDay,
  VenueDays: venueDaysSchema,
  VenueList: venuesSchema,
  VenueName: venueName,
});
