import { gzipSync } from 'node:zlib';
import { code, importsDesk } from './imports-desk.fixture.js';
import { contracts, KITE_HEADER, kiteCsv } from './masters.fixture.js';

describe('an import, of what is no master,', () => {
  const { query, importFrom, load, countAll } = importsDesk({ sourceIdleMs: 1_000 });

  const csv = kiteCsv(contracts(2_000));
  it.each<[string, string | Buffer, string]>([
    ['an empty file', '', 'INSTRUMENTS_FILE_EMPTY'],
    ['white space', ' \n\n ', 'INSTRUMENTS_FILE_EMPTY'],
    ['an empty gzip', gzipSync(''), 'INSTRUMENTS_FILE_EMPTY'],
    ['a header only', `${KITE_HEADER}\n`, 'INSTRUMENTS_FILE_NO_ROWS'],
    ['a header only, without its line end', KITE_HEADER, 'INSTRUMENTS_FILE_NO_ROWS'],
    ['nothing but bad rows', `${KITE_HEADER}\n1,2\n`, 'INSTRUMENTS_FILE_NO_ROWS'],
    ['a web page', '\n<!DOCTYPE html><html><body>502 Bad Gateway</body></html>', 'INSTRUMENTS_FILE_IS_HTML'],
    ['another file', 'date,open,close\n2026-01-01,1,2\n', 'INSTRUMENTS_WRONG_HEADER'],
    ['an error in JSON', '{"status":"error","message":"token expired"}', 'INSTRUMENTS_FILE_NOT_JSON_ARRAY'],
    ['a JSON master without a mapping', '[{"token":"1"}]', 'INSTRUMENTS_MAPPING_NEEDED'],
    ['a ZIP cut off', Buffer.from('PK\x03\x04rest of it'), 'INSTRUMENTS_FILE_TRUNCATED'],
    ['a gzip cut off', gzipSync(csv).subarray(0, 3_000), 'INSTRUMENTS_FILE_TRUNCATED'],
    ['a damaged gzip', corrupted(gzipSync(csv)), 'INSTRUMENTS_FILE_CORRUPT'],
    ['UTF-16 cut off', Buffer.from(`\uFEFF${csv}`, 'utf16le').subarray(0, -1), 'INSTRUMENTS_FILE_ENCODING'],
    ['UTF-16 without a byte order mark', Buffer.from(csv, 'utf16le'), 'INSTRUMENTS_FILE_ENCODING'],
    ['ISO-8859-1', Buffer.from(csv.replace('ACME,', 'ACMÉ,'), 'latin1'), 'INSTRUMENTS_FILE_ENCODING'],
    ['text cut in the middle of a character', Buffer.from(`${csv}1,É`).subarray(0, -1), 'INSTRUMENTS_FILE_ENCODING'],
    ['a column twice', `${KITE_HEADER},name\n1\n`, 'INSTRUMENTS_WRONG_HEADER'],
  ])('an import of %s is refused with a reason and leaves no trace', async (_what, bytes, expected) => {
    const before = await countAll();
    await expect(load(bytes)).rejects.toThrow(code(expected));
    expect(await countAll()).toEqual(before);
    // The reader of the change feed takes its snapshots on the other pool.
    expect(
      await query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'
           AND application_name <> 'deskwire-analytics'`,
      ),
    ).toHaveLength(0);
    expect(await load(csv)).toMatchObject({ inserted: 2_000 });
  });

  it('a refused master names the line with the invalid encoding', async () => {
    const rows = csv.split('\n');
    rows[1_499] = rows[1_499]!.replace('ACME,', 'ACMÉ,');
    await expect(load(Buffer.from(rows.join('\n'), 'latin1'))).rejects.toThrow(/in line 1500 /);
  });

  it('a line of 100 MB is refused after its first megabyte, with or without gzip', async () => {
    async function* endless(): AsyncGenerator<Buffer> {
      yield Buffer.from(`${csv}1,2,`);
      for (let megabytes = 0; megabytes < 100; megabytes++) {
        served++;
        yield Buffer.alloc(1024 * 1024, 0x41);
      }
    }
    let served = 0;
    const before = await countAll();
    await expect(importFrom(endless())).rejects.toThrow(code('INSTRUMENTS_FILE_LINE_TOO_LONG'));
    expect(served).toBeLessThan(5);
    await expect(load(gzipSync(Buffer.alloc(100 * 1024 * 1024, 0x41)))).rejects.toThrow(
      code('INSTRUMENTS_FILE_LINE_TOO_LONG'),
    );
    expect(await countAll()).toEqual(before);
  });

  it('a fourth concurrent import is refused, and accepted when one of the three has ended', async () => {
    const ends: (() => void)[] = [];
    async function* held(): AsyncGenerator<Buffer> {
      await new Promise<void>((resolve) => ends.push(resolve));
      yield Buffer.from(csv);
    }
    const running = ['zerodha', 'one', 'two'].map((broker) => importFrom(held(), { broker }));
    await expect(load(csv, { broker: 'three' })).rejects.toMatchObject({
      code: 'INSTRUMENTS_IMPORTS_BUSY',
      details: { kind: 'unavailable', retryAfterMs: 5_000 },
    });
    for (const end of ends) end();
    await Promise.all(running);
    expect(await load(csv, { broker: 'three' })).toMatchObject({ inserted: 2_000 });
  });

  it('an import ends when its source breaks off or stalls, and releases its connection', async () => {
    async function* stalled(): AsyncGenerator<Buffer> {
      yield Buffer.from(csv);
      await new Promise(() => undefined);
    }
    await expect(importFrom(stalled())).rejects.toThrow(code('INSTRUMENTS_SOURCE_STALLED'));
    async function* broken(): AsyncGenerator<Buffer> {
      yield Buffer.from(csv);
      await Promise.resolve();
      throw new Error('ECONNRESET');
    }
    await expect(importFrom(broken())).rejects.toThrow(code('INSTRUMENTS_SOURCE_BROKEN'));
    expect((await countAll())['instruments']).toBe(0);
    expect(await load(csv)).toMatchObject({ inserted: 2_000 });
  });
});

function corrupted(gzip: Buffer): Buffer {
  const bytes = Buffer.from(gzip);
  bytes.fill(0x5a, bytes.length >> 1, (bytes.length >> 1) + 40);
  return bytes;
}
