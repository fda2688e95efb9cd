import {
  accessSync,
  chmodSync,
  constants,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import type { Environment } from '#config';
import { CliError } from '../cli-error.js';
import { ExitCode } from '../exit-code.js';

const FORBIDDEN = new Set(['EACCES', 'EPERM']);

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'it is a file',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
};

/** The state folder of a desk: `.deskwire/` in the working directory, or DESKWIRE_HOME. Used in development only. */
export class DeskHome {
  private constructor(readonly path: string) {}

  static of(environment: Environment): DeskHome {
    return new DeskHome(resolve(environment['DESKWIRE_HOME'] || '.deskwire'));
  }

  /** Created on first use. Other users can enter it, because PostgreSQL may run as another user; files with secrets have mode 0600. */
  make(): this {
    return this.writing(() => {
      mkdirSync(this.path, { recursive: true });
      if ((statSync(this.path).mode & 0o777) !== 0o755) chmodSync(this.path, 0o755);
      accessSync(this.path, constants.W_OK | constants.X_OK);
      return this;
    });
  }

  file(name: string): string {
    return join(this.path, name);
  }

  /** A JSON file of the home; undefined if it is absent or incomplete. @throws CliError if it may not be read, as another user's */
  read<T>(name: string): T | undefined {
    try {
      return JSON.parse(readFileSync(this.file(name), 'utf8')) as T;
    } catch (error) {
      // Taken for absent, it would be replaced, and with it the keys of everything encrypted.
      if (FORBIDDEN.has((error as NodeJS.ErrnoException).code ?? '')) throw this.unusable(error);
      return undefined;
    }
  }

  /** Readable by the owner only, and replaced atomically: a run killed here leaves the old file. */
  write(name: string, content: unknown): void {
    const temporary = this.file(`${name}.${process.pid}.tmp`);
    this.writing(() => {
      writeFileSync(temporary, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
      renameSync(temporary, this.file(name));
    });
  }

  /** @throws CliError with exit code 73 (EX_CANTCREAT) */
  private writing<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw this.unusable(error);
    }
  }

  private unusable(error: unknown): unknown {
    const reason = REASONS[(error as NodeJS.ErrnoException).code ?? ''];
    if (reason === undefined) return error;
    const { uid, username } = userInfo();
    const owner = statSync(this.path, { throwIfNoEntry: false })?.uid;
    const whose =
      owner === undefined || owner === uid ? '' : ` It belongs to user ${owner}; this process is user ${uid}.`;
    return new CliError(
      `DESKWIRE_HOME (${this.path}) cannot be used: ${reason}.${whose}\n` +
        `Give the folder to ${username} (chown -R ${username} ${this.path}), or set DESKWIRE_HOME to a folder that can be written.`,
      ExitCode.cantCreate,
    );
  }
}
