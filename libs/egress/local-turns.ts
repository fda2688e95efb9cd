import { HostTurns } from './host-turns.js';

/** Hosts whose turns are remembered; one that is forgotten was idle longest. */
const MOST = 1_000;

/** Turns of this process alone. */
export class LocalTurns extends HostTurns {
  private readonly next = new Map<string, number>();

  take(host: string, spacingMs: number): Promise<number> {
    const now = performance.now();
    const turn = Math.max(now, this.next.get(host) ?? 0);
    this.next.delete(host);
    this.next.set(host, turn + spacingMs);
    if (this.next.size > MOST) this.next.delete(this.next.keys().next().value!);
    return Promise.resolve(turn - now);
  }
}
