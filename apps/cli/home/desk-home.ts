import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Environment } from '#config';

/** The state folder of a desk: `.deskwire/` in the working directory, or DESKWIRE_HOME. Used in development only. */
export class DeskHome {
  private constructor(readonly path: string) {}

  static of(environment: Environment): DeskHome {
    return new DeskHome(resolve(environment['DESKWIRE_HOME'] || '.deskwire'));
  }

  /** Created on first use. Other users can enter it, because PostgreSQL may run as another user; files with secrets have mode 0600. */
  make(): this {
    mkdirSync(this.path, { recursive: true });
    chmodSync(this.path, 0o755);
    return this;
  }

  file(name: string): string {
    return join(this.path, name);
  }

  /** A JSON file of the home; undefined if it is absent or incomplete. */
  read<T>(name: string): T | undefined {
    try {
      return JSON.parse(readFileSync(this.file(name), 'utf8')) as T;
    } catch {
      return undefined;
    }
  }

  /** Readable by the owner only, and replaced atomically: a run killed here leaves the old file. */
  write(name: string, content: unknown): void {
    const temporary = this.file(`${name}.${process.pid}.tmp`);
    writeFileSync(temporary, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
    renameSync(temporary, this.file(name));
  }
}
