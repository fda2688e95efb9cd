const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A second signal within this time is the same request: npm forwards a Ctrl-C that the terminal has already sent. */
const IMPATIENT_AFTER_MS = 1_000;
const PARENT_LOOK_MS = 250;

/** The request to stop. It can arrive at any moment of the start, so each step checks it before the next. */
export class StopRequest {
  private readonly wish = Promise.withResolvers<NodeJS.Signals>();
  private readonly parent = process.ppid;
  private readonly look: NodeJS.Timeout | undefined;
  private since: number | undefined;

  constructor() {
    for (const signal of SIGNALS) process.on(signal, this.onSignal);
    // `npm start` runs this process below a shell. SIGTERM to npm ends npm and the shell and does not reach this process, so the end of the shell counts as the signal.
    if (process.env['npm_lifecycle_event'] === undefined) return;
    this.look = setInterval(() => {
      if (process.ppid !== this.parent && !this.made) this.onSignal('SIGTERM');
    }, PARENT_LOOK_MS).unref();
  }

  get made(): boolean {
    return this.since !== undefined;
  }

  get promise(): Promise<NodeJS.Signals> {
    return this.wish.promise;
  }

  forget(): void {
    clearInterval(this.look);
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
