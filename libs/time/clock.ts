/** The current time. Inject it wherever time decides something (expiry, budgets, quiet hours), so that a test can set it. */
export class Clock {
  now(): Date {
    return new Date();
  }
}
