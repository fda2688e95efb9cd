import { closeSync, linkSync, openSync, rmSync, statSync } from 'node:fs';
import type { DeskHome } from './desk-home.js';
import { isAlive, type ProcessIdentity, thisProcess } from './process-identity.js';

/** The process that runs the embedded database of a home, and its command. */
export interface HomeOwner extends ProcessIdentity {
  /** `serve`, or the command that runs it for its own duration. */
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
 * One owner per home. The lock is a file with the number and start time of a process, so that the lock of a killed run is
 * recognised as stale at once, also when another program got its number.
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

  /** Takes the home. @returns undefined on success, otherwise the owner */
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

  /** Publishes facts about the running owner. */
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

  /** A hard link is created whole, and only if the name is free, so the lock is never visible while empty. */
  private linkedFrom(mine: string): boolean {
    try {
      linkSync(this.home.file(mine), this.home.file(FILE));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    }
  }

  /** Only one process removes a stale lock, and checks it again first: it could be the new lock of a faster process. */
  private removeStale(): void {
    const guard = this.home.file(`${FILE}.takeover`);
    try {
      closeSync(openSync(guard, 'wx'));
    } catch {
      try {
        if (Date.now() - statSync(guard).mtimeMs > TAKEOVER_MS) rmSync(guard, { force: true });
      } catch {
        // Its creator has removed it.
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
