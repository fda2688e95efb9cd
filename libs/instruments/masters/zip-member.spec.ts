import { zipOf } from './read-master.fixture.js';
import { fitsGlob, zipMember } from './zip-member.js';

async function read(zip: Buffer, wanted: string): Promise<string> {
  async function* source(): AsyncGenerator<Buffer> {
    for (let at = 0; at < zip.length; at += 10) yield zip.subarray(at, at + 10);
  }
  const parts: Buffer[] = [];
  for await (const part of zipMember(source(), () => wanted)) parts.push(part);
  return Buffer.concat(parts).toString();
}

describe('a member of a ZIP file', () => {
  const members = { 'a.csv': 'first', 'folder/b.csv': 'second,'.repeat(1_000) };

  it.each([false, true])('the chosen member is read, deflated: %s', async (isDeflated) => {
    const zip = zipOf(members, { isDeflated });
    expect(await read(zip, 'a.csv')).toBe('first');
    expect(await read(zip, 'folder/b.csv')).toBe(members['folder/b.csv']);
    expect(await read(Buffer.concat([zip.subarray(0, -2), Buffer.from('\x05\x00hello')]), 'a.csv')).toBe('first');
  });

  it.each<[string, (zip: Buffer) => void, string]>([
    ['a changed byte of the member', (zip) => zip.writeUInt8(0x7a, 36), 'INSTRUMENTS_FILE_CORRUPT'],
    ['a wrong length', (zip) => zip.writeUInt32LE(4, zip.indexOf('PK\x01\x02') + 24), 'INSTRUMENTS_FILE_CORRUPT'],
    ['a wrong place', (zip) => zip.writeUInt32LE(9, zip.indexOf('PK\x01\x02') + 42), 'INSTRUMENTS_FILE_CORRUPT'],
    [
      'an unknown method',
      (zip) => zip.writeUInt16LE(99, zip.indexOf('PK\x01\x02') + 10),
      'INSTRUMENTS_FILE_IS_ARCHIVE',
    ],
    ['no list of members', (zip) => zip.fill(0, zip.length - 22), 'INSTRUMENTS_FILE_TRUNCATED'],
    ['a list elsewhere', (zip) => zip.writeUInt32LE(0, zip.length - 6), 'INSTRUMENTS_FILE_CORRUPT'],
  ])('a ZIP file with %s is refused', async (_what, change, code) => {
    const zip = zipOf(members);
    change(zip);
    await expect(read(zip, 'a.csv')).rejects.toMatchObject({ code });
  });

  it('a ZIP file with a password is refused', async () => {
    const zip = zipOf(members, { isDeflated: true });
    zip.writeUInt16LE(1, zip.indexOf('PK\x01\x02') + 8);
    await expect(read(zip, 'a.csv')).rejects.toMatchObject({ code: 'INSTRUMENTS_FILE_IS_ARCHIVE' });
  });

  it('a spreadsheet is refused', async () => {
    await expect(
      read(zipOf({ '[Content_Types].xml': '<x/>', 'sheet.xml': '<x/>' }), 'sheet.xml'),
    ).rejects.toMatchObject({
      code: 'INSTRUMENTS_FILE_IS_ARCHIVE',
      message: expect.stringContaining('a spreadsheet') as string,
    });
  });

  it('a pattern fits names by * and ?, and takes no longer for a hostile one', () => {
    const fits = (name: string, ...patterns: string[]) => patterns.map((pattern) => fitsGlob(name, pattern));
    expect(fits('FONSEScripMaster.txt', 'FONSE*', 'fonse*.TXT', '*Master*', 'FONS?ScripMaster.txt')).toEqual(
      Array(4).fill(true),
    );
    expect(fits('FONSEScripMaster.txt', 'NSE*', 'FONSE', '?', '')).toEqual(Array(4).fill(false));
    expect(fitsGlob('a'.repeat(200), `${'a*'.repeat(49)}b`)).toBe(false);
  });
});
