import { gzipSync } from 'node:zlib';
import { masterMappingSchema } from './master-mapping.js';
import { MasterText } from './master-text.js';
import { zipOf } from './read-master.fixture.js';
import { StagingLines } from './staging-lines.js';

const HEADER =
  'instrument_key,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,lot_size,instrument_type,option_type,exchange';
const json = masterMappingSchema.parse({
  name: 'made',
  format: 'json',
  key: ['k'],
  columns: { tradingsymbol: 'k' },
  constants: { exchange: 'X' },
});
const KB = 1024;
const MB = 1024 * KB;
const LINE = `${'x'.repeat(KB - 1)}\n`;

function* repeated(text: string, bytes: number, head = `${HEADER}\n`): Generator<Buffer> {
  yield Buffer.from(head);
  const piece = Buffer.from(text.repeat(Math.ceil((64 * KB) / text.length)));
  for (let sent = 0; sent < bytes; sent += piece.length) yield piece;
}

const row = (index: number, exchange = 'NSE_FO', more = '') =>
  `K${index},1,S${index},N,0,,1,1,1,CE,CE${more},${exchange}`;

async function read(source: Iterable<Uint8Array>): Promise<StagingLines> {
  async function* bytes(): AsyncGenerator<Uint8Array> {
    yield* source;
  }
  const chunks = new MasterText(bytes(), { maxBytes: 1_024 * MB, maxLineBytes: MB, idleMs: 60_000 }).chunks();
  try {
    const head = Array.isArray(source) && String(source[0]).startsWith('[');
    const lines = await StagingLines.of(chunks, 'upstox', head ? json : undefined);
    for await (const _piece of lines.copyText());
    return lines;
  } finally {
    await chunks.return(undefined);
  }
}

describe('a hostile master', () => {
  it.each<[string, () => Iterable<Uint8Array>, RegExp]>([
    [
      'starts with 64 MB of newlines',
      () => repeated('\n', 64 * MB, ''),
      /^The file has 73728 or more blank bytes at its start\. At most 65536 are read/,
    ],
    [
      'starts with 10,001 newlines',
      () => [Buffer.from(`${'\n'.repeat(10_001)}${HEADER}\n${row(1)}\n`)],
      /10001 or more blank lines\. At most 10000/,
    ],
    [
      'has 64 MB of newlines after its header',
      () => repeated('\n', 64 * MB),
      /^The file has 16384 or more blank lines\. At most 10000/,
    ],
    [
      'has 18 MB of one line in gzip',
      () => [gzipSync(Buffer.from(`${HEADER}\n${LINE.repeat(18 * KB)}`))],
      /^The gzip file unpacks to \d+ times its size \(\d+ bytes to 16\d{6} so far\)\. At most 100 times/,
    ],
    [
      'has 9,000 columns',
      () => [Buffer.from(`${Array.from({ length: 9_000 }, (_, at) => `c${at}`).join()}\n1\n`)],
      /^The file has 9000 or more columns in its header\. At most 500 are read/,
    ],
    [
      'has a header of 120,000 columns',
      () => [Buffer.from(Array.from({ length: 120_000 }, (_, at) => `c${at}`).join())],
      /^Line 1 is longer than 65536 bytes/,
    ],
    [
      'names an exchange in each row',
      () => [Buffer.from([HEADER, ...Array.from({ length: 1_001 }, (_, at) => row(at, `EX${at}`))].join('\n'))],
      /^The file has 1001 or more exchanges\. At most 1000/,
    ],
    [
      'has JSON objects of 60,000 fields',
      () => [Buffer.from(`[{${Array.from({ length: 60_000 }, (_, at) => `"c${at}":1`).join()}}]`)],
      /^The file has 60000 or more names of fields\. At most 500/,
    ],
    [
      'nests JSON 400,000 levels deep',
      () => [Buffer.from(`[{"k":${'['.repeat(400_000)}`)],
      /^The file has 33 or more levels in element 1\. At most 32/,
    ],
    [
      'is one JSON element of 1.6 MB',
      () => [Buffer.from(`[{${'"k":"x",'.repeat(200_000)}`)],
      /^The file has \d{7} or more characters in element 1\. At most 1048576/,
    ],
    [
      'is a ZIP file of 65 members',
      () => [zipOf(Object.fromEntries(Array.from({ length: 65 }, (_, at) => [`m${at}.csv`, 'a,b'])))],
      /^The file has 65 or more members\. At most 64/,
    ],
    [
      'is a ZIP file of 65 MB',
      () => repeated('x', 65 * MB, 'PK\x03\x04'),
      /^The file has \d+ or more bytes as ZIP\. At most 67108864/,
    ],
    [
      'is a ZIP file with 18 MB of one line',
      () => [zipOf({ 'm.csv': `${HEADER}\n${LINE.repeat(18 * KB)}` }, { isDeflated: true })],
      /^The ZIP file unpacks to \d+ times its size \(\d+ bytes to 16\d{6} so far\)\. At most 200 times/,
    ],
  ])('a hostile master that %s is refused with the limit and the received number', async (_what, source, message) => {
    const refused = read(source());
    await expect(refused).rejects.toMatchObject({ details: { kind: 'too_large' } });
    await expect(refused).rejects.toThrow(message);
  });

  it('an endless field quarantines its row and keeps the others', async () => {
    const { good, issues } = await read([
      Buffer.from([HEADER, row(1), row(2, 'NSE_FO', `${'x'.repeat(20_000)}`), row(3)].join('\n')),
    ]);
    expect(good).toBe(2);
    expect(issues).toMatchObject([
      { line: 3, reason: '20002 characters where 10000 are allowed', field: 'option_type' },
    ]);
  });

  it('the event loop serves others while a hostile master is read', async () => {
    let turns = 0;
    let reading = true;
    const count = () => {
      turns++;
      if (reading) setImmediate(count);
    };
    setImmediate(count);
    // All of the text is available at once, so only the reader itself can yield. 8 MB take some 40 slices of 2 ms.
    await read([Buffer.concat([...repeated('x,y\n', 8 * MB)])]);
    reading = false;
    expect(turns).toBeGreaterThan(20);
  });
});
