/** The time that decides whether a contract has expired; tests bind their own. */
export abstract class InstrumentsClock {
  abstract now(): Date;
}

/** The clock on the wall. */
export class WallClock extends InstrumentsClock {
  now(): Date {
    return new Date();
  }
}

/** The day of a moment in a time zone, YYYY-MM-DD. */
export function dayIn(timeZone: string, moment: Date): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(
    moment,
  );
}
