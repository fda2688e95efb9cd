import { readFileSync } from 'node:fs';
import type { ExportLine } from '#replication';
import { CliError } from '../cli-error.js';
import { ExitCode } from '../exit-code.js';

/** @throws CliError if the settings have no key for exports */
export function exportKeyOf(values: Record<string, string | undefined>): string {
  const key = values['REPLICATION_EXPORT_KEY'];
  if (key) return key;
  throw new CliError(
    'REPLICATION_EXPORT_KEY is unset. It seals the export: create one with `openssl rand -base64 32`, and keep it apart from the file.',
    ExitCode.config,
  );
}

/** Opens a whole sealed export. @throws ReplicationRefused, or CliError if the file cannot be read */
export async function readExport(path: string, key: string): Promise<ExportLine[]> {
  const { openExport } = await import('#replication');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new CliError(
      `The export ${path} cannot be read: ${(error as Error).message}. Nothing was changed.`,
      ExitCode.failure,
    );
  }
  return openExport(key, text).lines;
}
