/** The time by which feeds are judged; tests set their own. */
export abstract class FeedsClock {
  abstract now(): Date;
}

/** The clock on the wall. */
export class WallClock extends FeedsClock {
  now(): Date {
    return new Date();
  }
}
