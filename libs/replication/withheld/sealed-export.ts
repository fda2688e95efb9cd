import { randomUUID } from 'node:crypto';
import { createSealer, type Sealer } from '#sealing';
import { ReplicationRefused } from '../replication-refused.js';

/** The first line of an export, in clear. */
export interface ExportHead {
  format: 'deskwire-secrets';
  version: 1;
  /** Each line is bound to it and to its number, so lines cannot be moved, left out or taken from another export. */
  id: string;
  at: string;
}

/** A line of an export in clear: rows of one table, or its end. */
export type ExportLine = { table: string; rows: Record<string, unknown>[] } | { end: true };

/** Writes the lines of a sealed export. */
export class SealedExport {
  private readonly sealer: Sealer;
  readonly head: ExportHead;
  private lines = 0;

  /** @param key 32 bytes, as written in the environment */
  constructor(key: string, at: Date) {
    this.sealer = createSealer(key);
    this.head = { format: 'deskwire-secrets', version: 1, id: randomUUID(), at: at.toISOString() };
  }

  line(content: ExportLine): string {
    this.lines += 1;
    return this.sealer.seal(JSON.stringify(content), boundTo(this.head, this.lines));
  }
}

/**
 * Opens a whole export, before any of it is used.
 * @throws ReplicationRefused if it is no export, was altered or shortened, or has another key
 */
export function openExport(key: string, text: string): { head: ExportHead; lines: ExportLine[] } {
  const [first = '', ...sealed] = text.split('\n').filter((line) => line !== '');
  const head = headOf(first);
  const sealer = createSealer(key);
  const lines = sealed.map((line, n) => {
    try {
      return JSON.parse(sealer.open(line, boundTo(head, n + 1))) as ExportLine;
    } catch {
      throw new ReplicationRefused(
        `Line ${n + 2} of the export cannot be opened: it was altered, or REPLICATION_EXPORT_KEY is not the key that sealed it. Nothing was loaded.`,
      );
    }
  });
  if (!('end' in (lines.at(-1) ?? {})))
    throw new ReplicationRefused('The export is incomplete: its end is missing. Nothing was loaded.');
  return { head, lines: lines.slice(0, -1) };
}

function headOf(line: string): ExportHead {
  try {
    const head = JSON.parse(line) as ExportHead;
    if (head.format === 'deskwire-secrets' && head.version === 1) return head;
  } catch {
    // Not JSON: refused below.
  }
  throw new ReplicationRefused('The file is no export of `deskwire secrets export --sealed`. Nothing was loaded.');
}

function boundTo({ id, at }: ExportHead, line: number): string {
  return `deskwire-secrets:1:${id}:${at}:${line}`;
}
