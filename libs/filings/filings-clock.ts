/** The time that decides which month's budget is spent; tests bind their own. */
export abstract class FilingsClock {
  abstract now(): Date;
}

/** The clock on the wall. */
export class WallClock extends FilingsClock {
  now(): Date {
    return new Date();
  }
}

/** First day of the moment's month, UTC: the key of a budget. */
export function monthOf(moment: Date): string {
  return `${moment.toISOString().slice(0, 7)}-01`;
}
