import { type ParsedTarFileItem, parseTar } from 'nanotar';

export interface TarEntry {
  name: string;
  content: Buffer;
}

/** Returns the files of a tar archive. Skips folders, links and other entries. @throws RangeError if it is damaged or cut off */
export function tarEntries(archive: Buffer): TarEntry[] {
  let last = '';
  const isFile = ({ name, type, size }: Pick<ParsedTarFileItem, 'name' | 'type' | 'size'>) => {
    last = name;
    if (Number.isNaN(size)) throw new RangeError('The size is not a number.');
    return type === 'file';
  };
  try {
    // nanotar reads the ArrayBuffer from its start, and a Buffer may be a part of a shared one. Therefore it gets a copy.
    return parseTar(Uint8Array.from(archive), { filter: isFile }).map(({ name, data }) => ({
      name,
      content: data === undefined ? Buffer.alloc(0) : Buffer.from(data.buffer, data.byteOffset, data.byteLength),
    }));
  } catch (cause) {
    throw new RangeError(`The archive is damaged or cut off at ${JSON.stringify(last)}.`, { cause });
  }
}
