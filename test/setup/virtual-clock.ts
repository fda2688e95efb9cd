import { Clock } from '#time';

/** A clock that does not move until the test moves it. */
export class VirtualClock extends Clock {
  private at: number;

  /** @param start RFC 3339 */
  constructor(start: string) {
    super();
    this.at = Date.parse(start);
  }

  override now(): Date {
    return new Date(this.at);
  }

  set(time: string): void {
    this.at = Date.parse(time);
  }

  advance(ms: number): void {
    this.at += ms;
  }
}
