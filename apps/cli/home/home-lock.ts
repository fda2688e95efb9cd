import { closeSync, linkSync, openSync, rmSync, statSync } from 'node:fs';
import type { DeskHome } from './desk-home.js';
import { isAlive, type ProcessIdentity, thisProcess } from './process-identity.js';

/** Who runs the embedded database of a home, and what for. */
export interface HomeOwner extends ProcessIdentity {
  /** `serve`, or the command that runs it only for its own time. */
  command: string;
  since: string;
  /** Set once PostgreSQL takes connections there. */
  databasePort?: number;
  /** Set once the server listens. */
  url?: string;
}

const FILE = 'owner.json';
const TAKEOVER_MS = 5_000;

/**
 * One owner a home. The lock is a file that names a process for ever (number and birth), so that a killed run's lock is
 * known to be stale at once, and one whose number was given to another program too.
 */
export class HomeLock {
  private owner: HomeOwner | undefined;
  private readonly onExit = () => this.release();

  constructor(private readonly home: DeskHome) {}

  /** The living owner, if any. */
  holder(): HomeOwner | undefined {
    const owner = this.home.read<HomeOwner>(FILE);
    return owner && isAlive(owner) ? owner : undefined;
  }

  /** Takes the home. @returns undefined if it is ours now, else who has it */
  take(command: string): HomeOwner | undefined {
    const owner: HomeOwner = { ...thisProcess(), command, since: new Date().toISOString() };
    const mine = `${FILE}.${process.pid}`;
    this.home.write(mine, owner);
    try {
      for (;;) {
        if (this.linkedFrom(mine)) {
          this.owner = owner;
          process.on('exit', this.onExit);
          return undefined;
        }
        const holder = this.holder();
        if (holder) return holder;
        this.removeStale();
      }
    } finally {
      rmSync(this.home.file(mine), { force: true });
    }
  }

  /** What others may know of the running owner. */
  tell(facts: Pick<HomeOwner, 'databasePort' | 'url'>): void {
    if (!this.owner) return;
    Object.assign(this.owner, facts);
    this.home.write(FILE, this.owner);
  }

  release(): void {
    if (!this.owner) return;
    this.owner = undefined;
    process.off('exit', this.onExit);
    rmSync(this.home.file(FILE), { force: true });
  }

  /** A hard link appears whole and only if nothing is there: no moment in which the lock exists but is empty. */
  private linkedFrom(mine: string): boolean {
    try {
      linkSync(this.home.file(mine), this.home.file(FILE));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    }
  }

  /** Only one may remove a stale lock, and looks again once it may: else it could remove the fresh lock of a faster one. */
  private removeStale(): void {
    const guard = this.home.file(`${FILE}.takeover`);
    try {
      closeSync(openSync(guard, 'wx'));
    } catch {
      try {
        if (Date.now() - statSync(guard).mtimeMs > TAKEOVER_MS) rmSync(guard, { force: true });
      } catch {
        // Gone already: its maker is done.
      }
      return;
    }
    try {
      if (!this.holder()) rmSync(this.home.file(FILE), { force: true });
    } finally {
      rmSync(guard, { force: true });
    }
  }
}
