import { pipeline, type Readable } from 'node:stream';
import { Busboy, type BusboyFileStream, type BusboyInstance } from '@fastify/busboy';
import { noFilePart } from '../instruments.errors.js';

/** A master on its way in. */
export interface UploadedMaster {
  /** For the list of imports. */
  name: string;
  bytes: AsyncIterable<Uint8Array>;
}

/** The first file of a multipart body, or the body itself. @throws DomainError INSTRUMENTS_FILE_MISSING */
export async function uploadOf(body: Readable, contentType: string | undefined): Promise<UploadedMaster> {
  if (!contentType?.toLowerCase().startsWith('multipart/form-data')) return { name: 'upload', bytes: kept(body) };
  return new Promise((resolve, reject) => {
    const form = parser(contentType);
    if (!form) return reject(noFilePart());
    let found: BusboyFileStream | undefined;
    form.on('file', (_field, file, filename) => {
      if (found) return void file.resume();
      found = file;
      resolve({ name: (filename || 'upload').slice(0, 200).replaceAll('\0', ''), bytes: kept(file) });
    });
    pipeline(body, form, (error) => {
      // A body cut off must not look like a file that ended: its missing rows would be delisted.
      if (error) found?.destroy(error);
      if (!found) reject(noFilePart());
    });
  });
}

/** Left open by a reader that stops early: destroying a request's body destroys its socket, and the answer with it. */
function kept(stream: Readable): AsyncIterable<Uint8Array> {
  return stream.iterator({ destroyOnReturn: false });
}

function parser(contentType: string): BusboyInstance | undefined {
  try {
    return new Busboy({
      headers: { 'content-type': contentType },
      limits: { files: 1, fields: 20, fieldSize: 1024, parts: 50 },
    });
  } catch {
    return undefined;
  }
}
