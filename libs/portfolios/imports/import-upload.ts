import type { Readable } from 'node:stream';
import { Busboy } from '@fastify/busboy';
import { requestError } from '#errors';
import type { ExportFile } from '../exports/export-document.js';
import { exportUnreadable } from '../portfolios.errors.js';

/** An account has two to four documents. */
const FILES_MAX = 8;

/**
 * The documents of a request: the files of a multipart form, or the body itself.
 * @param max bytes of all documents together
 * @throws DomainError REQUEST_TOO_LARGE, PORTFOLIOS_EXPORT_UNREADABLE
 */
export async function exportFilesOf(
  body: Readable,
  contentType: string | undefined,
  max: number,
): Promise<ExportFile[]> {
  const budget = { left: max };
  if (!contentType?.toLowerCase().startsWith('multipart/form-data'))
    return [{ name: 'document', bytes: await bytesOf(body, budget, max) }];
  const files: ExportFile[] = [];
  const reading: Promise<void>[] = [];
  await new Promise<void>((resolve, reject) => {
    const form = formOf(contentType);
    if (form === undefined) return reject(noFiles('a form without a boundary'));
    form.on('file', (field, file, filename) => {
      const name = (filename || field || 'document').slice(0, 100).replaceAll('\0', '');
      reading.push(
        bytesOf(file, budget, max).then(
          (bytes) => void files.push({ name, bytes }),
          (error: unknown) => {
            file.resume();
            reject(error as Error);
          },
        ),
      );
    });
    form.on('filesLimit', () => reject(noFiles(`more than ${FILES_MAX} files`)));
    form.on('finish', () => void Promise.all(reading).then(() => resolve(), reject));
    form.on('error', () => reject(noFiles('a form that is cut off')));
    body.on('error', () => reject(noFiles('a body that is cut off')));
    body.pipe(form);
  });
  if (files.length === 0) throw noFiles('a form without a file');
  return files;
}

function noFiles(seen: string) {
  const allowed = `the document as the body, or 1 to ${FILES_MAX} files of a multipart form`;
  return exportUnreadable({ message: `body: looked for ${allowed}, found ${seen}.`, field: 'body', seen, allowed });
}

async function bytesOf(stream: Readable, budget: { left: number }, max: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  // Without `destroyOnReturn` a refusal would end the connection before its answer.
  for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
    budget.left -= chunk.length;
    if (budget.left < 0)
      throw requestError('REQUEST_TOO_LARGE', `The documents are larger than ${max} bytes together.`);
    chunks.push(chunk);
  }
  // A copy of its own, because it is transferred to a thread.
  return new Uint8Array(Buffer.concat(chunks));
}

function formOf(contentType: string): InstanceType<typeof Busboy> | undefined {
  try {
    return new Busboy({
      headers: { 'content-type': contentType },
      limits: { files: FILES_MAX, fields: 20, fieldSize: 1_024, parts: FILES_MAX + 20 },
    });
  } catch {
    return undefined;
  }
}
