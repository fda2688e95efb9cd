/** Gives turns at hosts. The first is at once; each next one `spacingMs` after the one before. */
export abstract class HostTurns {
  /** @returns until the turn, ms; undefined when it cannot say just now */
  abstract take(host: string, spacingMs: number): Promise<number | undefined>;
}
