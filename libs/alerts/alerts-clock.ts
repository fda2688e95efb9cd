/** The time that decides quiet hours and dedupe windows; tests bind their own. */
export abstract class AlertsClock {
  abstract now(): Date;
}

/** The clock on the wall. */
export class WallClock extends AlertsClock {
  now(): Date {
    return new Date();
  }
}
