/** A rule has used the time it may take for an event. */
export class TimeIsUp extends Error {}

/** Time of this thread's CPU, in ms: a busy machine makes no rule exceed its limit. Node 20 has the time of the clock only. */
export function cpuMs(): number {
  if (process.threadCpuUsage === undefined) return performance.now();
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

/** Measures several pieces of work against a limit of each and a limit of all. */
export class StopWatch {
  private readonly end: number;
  private pieceEnd = Infinity;

  /** @param ms limit of all pieces */
  constructor(ms: number) {
    this.end = cpuMs() + ms;
  }

  /** Begins a piece. @param ms its limit. @returns now */
  begin(ms: number): number {
    const now = cpuMs();
    this.pieceEnd = now + ms;
    return now;
  }

  get isUp(): boolean {
    return cpuMs() > this.end;
  }

  /** @throws TimeIsUp */
  check(): void {
    const now = cpuMs();
    if (now > this.end || now > this.pieceEnd) throw new TimeIsUp();
  }
}
