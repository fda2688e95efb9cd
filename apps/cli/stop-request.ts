const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** npm passes a Ctrl-C on that the terminal has already sent: the same wish twice is not impatience. */
const IMPATIENT_AFTER_MS = 1_000;

/** The wish to stop. It may come at any moment of a start; each step looks before the next. */
export class StopRequest {
  private readonly wish = Promise.withResolvers<NodeJS.Signals>();
  private since: number | undefined;

  constructor() {
    for (const signal of SIGNALS) process.on(signal, this.onSignal);
  }

  get made(): boolean {
    return this.since !== undefined;
  }

  get promise(): Promise<NodeJS.Signals> {
    return this.wish.promise;
  }

  forget(): void {
    for (const signal of SIGNALS) process.off(signal, this.onSignal);
  }

  private readonly onSignal = (signal: NodeJS.Signals): void => {
    if (this.since === undefined) {
      this.since = Date.now();
      this.wish.resolve(signal);
    } else if (Date.now() - this.since > IMPATIENT_AFTER_MS) {
      process.stderr.write('Stopping at once.\n');
      process.exit(130);
    }
  };
}
