import { Inject, Injectable } from '@nestjs/common';
import { instrumentsConfig, type InstrumentsConfig } from '../instruments.config.js';
import { notRepeatable, tooManyImports } from '../instruments.errors.js';
import { detectMember } from '../masters/master-detection.js';
import type { MasterMapping } from '../masters/master-mapping.js';
import { MasterText } from '../masters/master-text.js';
import { StagingLines } from '../masters/staging-lines.js';

const MAX_LINE_BYTES = 1024 * 1024;
/** Imports at once, per process: each holds a connection, and up to 100 MB for a million rows. */
const MAX_IMPORTS = 3;

/** Reads masters: opens a source, limits how many are read at once, and closes it. */
@Injectable()
export class MasterReadings {
  private running = 0;

  constructor(@Inject(instrumentsConfig.token) private readonly config: InstrumentsConfig) {}

  /**
   * Opens a master. A file that is not a master is refused before `work` takes a connection.
   * @throws DomainError INSTRUMENTS_FILE_*, INSTRUMENTS_SOURCE_*, INSTRUMENTS_WRONG_HEADER, INSTRUMENTS_IMPORTS_BUSY
   */
  async read<T>(
    source: AsyncIterable<Uint8Array>,
    broker: string,
    mapping: MasterMapping | undefined,
    work: (lines: StagingLines, text: MasterText) => Promise<T>,
  ): Promise<T> {
    if (this.running >= MAX_IMPORTS) throw tooManyImports(MAX_IMPORTS);
    this.running++;
    const limits = {
      maxBytes: this.config.importMaxBytes,
      maxLineBytes: MAX_LINE_BYTES,
      idleMs: this.config.sourceIdleMs,
    };
    const text = new MasterText(source, limits, mapping, (names) => detectMember(broker, names));
    const chunks = text.chunks();
    try {
      return await work(await StagingLines.of(chunks, broker, mapping, text), text);
    } finally {
      this.running--;
      // Not awaited: ending a source that hangs in a read would hang with it.
      void chunks.return(undefined).catch(() => undefined);
    }
  }
}

/** Work of a transaction that cannot run again, because its stream is read already. */
export function once<T>(work: () => Promise<T>): () => Promise<T> {
  let runs = 0;
  let interruption: unknown;
  return async () => {
    if (runs++ > 0) throw notRepeatable(interruption);
    return work().catch((error: unknown) => {
      interruption = error;
      throw error;
    });
  };
}
