import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Environment } from '#config';

/** The state folder of a desk: `.deskwire/` where it was started, or DESKWIRE_HOME. Only development keeps anything there. */
export class DeskHome {
  private constructor(readonly path: string) {}

  static of(environment: Environment): DeskHome {
    return new DeskHome(resolve(environment['DESKWIRE_HOME'] || '.deskwire'));
  }

  /** Made on first use. Open to look into, because PostgreSQL may run as another user below it; what is secret is 0600 itself. */
  make(): this {
    mkdirSync(this.path, { recursive: true });
    chmodSync(this.path, 0o755);
    return this;
  }

  file(name: string): string {
    return join(this.path, name);
  }

  /** A JSON file of the home; undefined if it is absent or not whole. */
  read<T>(name: string): T | undefined {
    try {
      return JSON.parse(readFileSync(this.file(name), 'utf8')) as T;
    } catch {
      return undefined;
    }
  }

  /** Readable by the owner only, and never half-written: a run killed here leaves the old file. */
  write(name: string, content: unknown): void {
    const temporary = this.file(`${name}.${process.pid}.tmp`);
    writeFileSync(temporary, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
    renameSync(temporary, this.file(name));
  }
}
