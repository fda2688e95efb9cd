import { pipeline, type Readable } from 'node:stream';
import { Busboy, type BusboyFileStream, type BusboyInstance } from '@fastify/busboy';
import { invalidRequest } from '#http';
import { mappingLate } from '../import.errors.js';
import { noFilePart, sourceBroken } from '../instruments.errors.js';
import { MAX_MAPPING_BYTES } from '../mappings/given-mapping.js';

/** A master on its way in. */
export interface UploadedMaster {
  /** For the list of imports. */
  name: string;
  bytes: AsyncIterable<Uint8Array>;
  /** The part `mapping` of the form, as text. */
  mapping?: string | undefined;
}

/** Number of bytes of a file that are held in memory while its mapping may follow. A file after its mapping is a stream. */
const MAX_HELD_BYTES = 16_777_216;

/**
 * The first file of a multipart body with its mapping, or the body itself.
 * @throws DomainError INSTRUMENTS_FILE_MISSING, INSTRUMENTS_SOURCE_BROKEN, REQUEST_INVALID
 */
export async function uploadOf(body: Readable, contentType: string | undefined): Promise<UploadedMaster> {
  if (!contentType?.toLowerCase().startsWith('multipart/form-data')) return { name: 'upload', bytes: kept(body) };
  const form = parser(contentType);
  if (!form) throw noFilePart();
  return new Promise((resolve, reject) => {
    const parts = new MasterParts(resolve, reject);
    form.on('file', (field, file, filename) => parts.file(field, file, filename));
    form.on('field', (field, value, _nameCut, valueCut) => {
      if (field === 'mapping') parts.mapping(value, valueCut);
    });
    pipeline(body, form, (error) => parts.end(error ?? undefined));
  });
}

/** The parts of a form, in any order. A file before its mapping is held back until the form ends or the file is too large. */
class MasterParts {
  private found: { name: string; file: BusboyFileStream } | undefined;
  private text: string | undefined;
  private held: Buffer[] = [];
  private heldBytes = 0;
  /** The file is with its reader. */
  private given = false;
  private late = false;
  private refused = false;
  private over!: () => void;
  private readonly ended = new Promise<void>((resolve) => (this.over = resolve));

  constructor(
    private readonly resolve: (master: UploadedMaster) => void,
    private readonly reject: (error: Error) => void,
  ) {}

  file(field: string, file: BusboyFileStream, filename: string): void {
    // A body that breaks off is reported by the form, and an unheard error would end the process.
    file.on('error', () => undefined);
    if (field === 'mapping') return this.readMapping(file);
    if (this.found || this.refused) return void file.resume();
    this.found = { name: (filename || 'upload').slice(0, 200).replaceAll('\0', ''), file };
    if (this.text !== undefined) this.give();
    else file.on('data', this.hold);
  }

  mapping(text: string, cut: boolean | undefined): void {
    if (this.given) this.late = true;
    else if (cut || Buffer.byteLength(text) > MAX_MAPPING_BYTES) {
      this.refused = true;
      this.held = [];
      this.reject(invalidRequest([{ field: 'mapping', allowed: `a mapping of at most ${MAX_MAPPING_BYTES} bytes` }]));
    } else {
      this.text = text;
      if (this.found) this.give();
    }
  }

  /** Called when the whole body was read, or broke off. */
  end(error: Error | undefined): void {
    // A body cut off must not look like a file that ended: its missing rows would be delisted.
    if (error && this.given) this.found!.file.destroy(error);
    this.over();
    if (this.given || this.refused) return;
    if (!this.found) this.reject(noFilePart());
    else if (error) this.reject(sourceBroken(error));
    else this.give();
  }

  private readonly hold = (chunk: Buffer): void => {
    if (this.refused) return;
    this.held.push(chunk);
    if ((this.heldBytes += chunk.length) > MAX_HELD_BYTES) this.give();
  };

  private readMapping(file: BusboyFileStream): void {
    const pieces: Buffer[] = [];
    let bytes = 0;
    file.on('data', (piece: Buffer) => {
      if ((bytes += piece.length) <= MAX_MAPPING_BYTES) pieces.push(piece);
    });
    // In the listener itself: the end of the form follows before a promise would.
    file.on('end', () => this.mapping(Buffer.concat(pieces).toString(), bytes > MAX_MAPPING_BYTES));
  }

  private give(): void {
    const { name, file } = this.found!;
    this.given = true;
    file.off('data', this.hold).pause();
    this.resolve({ name, bytes: this.bytes(file), mapping: this.text });
  }

  private async *bytes(file: BusboyFileStream): AsyncGenerator<Uint8Array> {
    for (let piece = this.held.shift(); piece !== undefined; piece = this.held.shift()) yield piece;
    if (!file.readableEnded) yield* kept(file);
    await this.ended;
    if (this.late) throw mappingLate(MAX_HELD_BYTES);
  }
}

/** Left open by a reader that stops early: destroying a request's body destroys its socket, and the answer with it. */
function kept(stream: Readable): AsyncIterable<Uint8Array> {
  return stream.iterator({ destroyOnReturn: false });
}

function parser(contentType: string): BusboyInstance | undefined {
  try {
    return new Busboy({
      headers: { 'content-type': contentType },
      limits: { files: 2, fields: 20, fieldSize: MAX_MAPPING_BYTES + 1, parts: 50 },
    });
  } catch {
    return undefined;
  }
}
