import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { builtInMasters } from './built-in-masters.js';
import { mappingOf, readMaster, type ReadMaster, type StoredContract, zipOf } from './read-master.fixture.js';

interface Sample {
  file: string;
  filtered: number;
  rows: StoredContract[];
}
interface Case {
  refused?: string;
  leftOut: number;
  partial: boolean;
  rows: StoredContract[];
}

const SAMPLES = join(import.meta.dirname, 'built-in/samples');
const samples = JSON.parse(readFileSync(join(SAMPLES, 'expected.json'), 'utf8')) as Record<string, Sample>;
const formats = builtInMasters();

describe('the built-in formats', () => {
  it('every built-in format has a name of its own and a sample', () => {
    const names = formats.map(({ mapping }) => mapping.name);
    expect(new Set(names).size).toBe(names.length);
    expect(Object.keys(samples).sort()).toEqual(names.sort());
  });

  it.each(formats.map((format) => [format.mapping.name, format] as const))(
    'a file of the format %s is recognised and read as its sample shows',
    async (name, { brokers, mapping }) => {
      const { file, filtered, rows } = samples[name]!;
      const content = readFileSync(join(SAMPLES, file));
      const packed = mapping.member
        ? zipOf({ [`${mapping.member.replace('*', '')}ScripMaster.txt`]: content })
        : content;
      for (const broker of brokers) {
        const read = await readMaster(packed, { broker });
        expect(read).toMatchObject({ mapping: { name }, filtered, quarantined: 0, whole: true });
        expectRows(read.rows, rows);
      }
      expect((await readMaster(content, { mapping, pieces: 3 })).rows).toHaveLength(rows.length);
    },
  );

  it('a JSON master on one line is read, and gzip is no obstacle', async () => {
    const contract = { token: '1', symbol: 'ACME-EQ', name: 'ACME', expiry: '', strike: '-1.000000', lotsize: '1' };
    const elements = Array.from({ length: 9_000 }, (_, at) => ({
      ...contract,
      token: `${at}`,
      exch_seg: 'NSE',
      instrumenttype: '',
      tick_size: '5',
    }));
    const line = JSON.stringify(elements);
    expect(line.length).toBeGreaterThan(1024 * 1024);
    expect((await readMaster(line, { broker: 'angel' })).rows).toHaveLength(9_000);
    expect((await readMaster(gzipSync(line), { broker: 'angelone' })).rows).toHaveLength(9_000);
  });

  it('UTF-16 is read with a mark, and without one where the mapping says so', async () => {
    const csv = readFileSync(join(SAMPLES, 'xetra.csv'), 'utf8');
    const [little, big] = [Buffer.from(csv, 'utf16le'), Buffer.from(csv, 'utf16le').swap16()];
    const { mapping } = formats.find((format) => format.mapping.name === 'xetra')!;
    for (const bytes of [little, big]) {
      expect((await readMaster(bytes, { mapping: { ...mapping, encoding: 'utf-16' } })).rows).toHaveLength(1);
      const marked = Buffer.concat([Buffer.from(bytes === little ? '\xff\xfe' : '\xfe\xff', 'latin1'), bytes]);
      expect((await readMaster(marked, { broker: 'xetra' })).rows).toHaveLength(1);
      await expect(readMaster(bytes, { broker: 'xetra' })).rejects.toThrow('Set "encoding": "utf-16" in the mapping');
    }
  });

  it('a JSON file that no built-in format fits is refused with the names that it has', async () => {
    await expect(readMaster('[{"token":"1","x":2}]', { broker: 'zerodha' })).rejects.toMatchObject({
      code: 'INSTRUMENTS_MAPPING_NEEDED',
      message: expect.stringContaining('(token, x)') as string,
    });
  });

  it.each([
    ['inside its second element', '"instrument_name":"COI-PERPETUAL"', '"instrument_name":\0"COI-PERPETUAL"', 1],
    ['after its first element', '},{"kind"', '};{"kind"', 1],
    ['inside its first element', '"kind":"option"', '"kind":\0"option"', 0],
  ])(
    'a JSON file that is broken %s is refused with that place, also without a mapping',
    async (_where, right, wrong, whole) => {
      const text = JSON.stringify(JSON.parse(readFileSync(join(SAMPLES, 'deribit.json'), 'utf8')));
      expect(text).toContain(right);
      await expect(readMaster(text.replace(right, wrong), { broker: 'deribit' })).rejects.toMatchObject({
        code: 'INSTRUMENTS_FILE_BROKEN_JSON',
        message: expect.stringContaining(`after ${whole} elements`) as string,
      });
    },
  );

  it('a file whose first row is of no format with these columns is refused with what the row should be', async () => {
    const csv = readFileSync(join(SAMPLES, 'kotak_nse_fo.csv'), 'utf8').replace(',nse_fo,', ',nse_com,');
    await expect(readMaster(csv, { broker: 'kotak' })).rejects.toThrow('pExchSeg of nse_fo');
    const germany = readFileSync(join(SAMPLES, 'ibkr_usa.txt'), 'utf8').replaceAll('|USD|', '|EUR|');
    await expect(readMaster(germany, { broker: 'ibkr' })).rejects.toThrow('CUR of USD');
  });

  it('a ZIP file with several members that built-in formats read is refused with their names', async () => {
    const text = readFileSync(join(SAMPLES, 'icici_fonse.txt'));
    const members = { 'FONSEScripMaster.txt': text, 'FOBSEScripMaster.txt': text, 'Readme.txt': 'x' };
    await expect(readMaster(zipOf(members), { broker: 'icici' })).rejects.toMatchObject({
      code: 'INSTRUMENTS_FILE_MEMBER',
      message: expect.stringContaining('3 members (FONSEScripMaster.txt, FOBSEScripMaster.txt, Readme.txt)') as string,
    });
    await expect(readMaster(text, { broker: 'icici' })).rejects.toThrow(
      'Several built-in mappings fit the file: icici_fonse, icici_fobse, icici_cdnse, icici_mcx.',
    );
    const fobse = formats.find(({ mapping }) => mapping.name === 'icici_fobse')!.mapping;
    expect((await readMaster(zipOf(members), { mapping: fobse })).rows[0]).toMatchObject({ exchange: 'BFO' });
  });
});

const folder = process.env['DESKWIRE_DATA_DIR'];
const data = folder !== undefined && existsSync(join(folder, 'domain/masters')) ? folder : undefined;

(data === undefined ? describe.skip : describe)(
  `the cases of masters${data === undefined ? ' (skipped: DESKWIRE_DATA_DIR is unset)' : ''}`,
  () => {
    const read = (path: string) =>
      readFileSync(join(data!, 'domain/masters', path.replace('../../field-inputs', '../../field')));
    const json = (path: string) => JSON.parse(read(path).toString()) as Record<string, never>;
    const cases = data === undefined ? {} : (json('expected.json') as unknown as Record<string, Case>);
    const mappings = data === undefined ? {} : (json('mappings.json') as unknown as Record<string, object>);

    const expectCase = ({ rows, filtered, whole, quarantined }: ReadMaster, expected: Case) => {
      expectRows(rows, expected.rows);
      expect({ filtered, whole, quarantined }).toEqual({
        filtered: expected.leftOut,
        whole: !expected.partial,
        quarantined: 0,
      });
    };

    it.each(Object.keys(cases))('the file %s is read by its mapping as it should be', async (file) => {
      const expected = cases[file]!;
      const reading = readMaster(read(file), { mapping: mappingOf(mappings[file]!) });
      if (expected.refused) return expect(reading).rejects.toMatchObject({ code: 'INSTRUMENTS_FILE_INCOMPLETE' });
      return expectCase(await reading, expected);
    });

    it.each([
      ['F01_kotak_nse_fo.csv', 'kotak', 'kotak_nse_fo'],
      ['F02_kotak_mcx_fo.csv', 'kotak', 'kotak_mcx_fo'],
      ['F03_upstox.json', 'upstox', 'upstox_json'],
      ['F04_angel_currency_strike.json', 'angel', 'angel'],
      ['F05_nasdaqlisted.txt', 'nasdaq', 'nasdaq_listed'],
      ['F06_xetra_instruments.csv', 'xetra', 'xetra'],
      ['F07_ibkr_usa.txt', 'ibkr', 'ibkr_usa'],
      ['F08_deribit_instruments.json', 'deribit', 'deribit'],
      ['F09_okx_instruments.json', 'okx', 'okx_swap'],
      ['F10_bybit_instruments.json', 'bybit', 'bybit_linear'],
      ['F11_kraken_assetpairs.json', 'kraken', 'kraken'],
      ['F13_5paisa.csv', 'fivepaisa', 'fivepaisa'],
      ['F14_groww.csv', 'groww', 'groww'],
      ['F15_dhan_detailed.csv', 'dhan', 'dhan_detailed'],
      ['F16_shoonya_NFO_symbols.txt', 'shoonya', 'shoonya'],
      ['F17_aliceblue_BFO.csv', 'aliceblue', 'aliceblue'],
      ['F17_aliceblue_NFO.csv', 'another', 'aliceblue'],
      ['../../field-inputs/fyers_NSE_FO_headerless.csv', 'fyers', 'fyers_fo'],
      ['../../field-inputs/fyers_NSE_FO_sym_master.json', 'fyers', 'fyers_json_fo'],
      ['../../field-inputs/binance_exchangeInfo.json', 'binance', 'binance_usdm'],
      ['../../field-inputs/shoonya_NFO_symbols.txt.zip', 'shoonya', 'shoonya'],
    ])('the file %s of %s is recognised as %s and read as it should be', async (file, broker, name) => {
      const found = await readMaster(read(file), { broker });
      expect(found.mapping.name).toBe(name);
      expectCase(found, cases[file]!);
    });

    it('the ZIP file of ICICI is read by the built-in format that is named', async () => {
      const { mapping } = formats.find((format) => format.mapping.name === 'icici_fonse')!;
      expectCase(
        await readMaster(read('F12_icici_SecurityMaster.zip'), { mapping }),
        cases['F12_icici_SecurityMaster.zip']!,
      );
    });

    it.each([
      ['upstox_bod_cash_first.json', 'upstox_json.mapping.json', 504],
      ['upstox_bod_fo_first.json', 'upstox_json.mapping.json', 504],
      ['dhan_scrip_master.csv', 'dhan.mapping.json', 5],
      ['shoonya_NFO_symbols.txt.zip', undefined, 3],
    ])('the file %s of the field is read completely, with and without its mapping %s', async (file, mapping, count) => {
      const given = mapping && mappingOf(json(`../../field/${mapping}`));
      const content = read(`../../field/${file}`);
      const results = [await readMaster(content, { broker: /^[a-z]+/.exec(file)![0] })];
      if (given) results.push(await readMaster(content, { mapping: given }));
      for (const { rows, quarantined } of results) expect([rows.length, quarantined]).toEqual([count, 0]);
    });

    it('expiries of Dhan, active assets of Alpaca and columns of Binance are read from the files of the field', async () => {
      const dhan = await readMaster(read('../../field/dhan_scrip_master.csv'), { broker: 'dhan' });
      expect(dhan.rows.map(({ expiry }) => expiry)).toEqual([null, '2025-12-02', '2025-12-18', '2025-12-05', null]);
      const alpaca = await readMaster(read('../../field/alpaca_assets.json'), { broker: 'alpaca' });
      expect(alpaca.rows.map(({ tradingsymbol }) => tradingsymbol)).toEqual(['BRK.B', 'FB', 'BTC/USD']);
      expect(alpaca.filtered).toBe(2);
    });

    it.each(['kite_oddities.csv', 'kite_oddities_bom_crlf.csv', 'kite_oddities_cr.csv', 'kite_oddities_utf16.csv'])(
      'the file %s of the field is read: 12 rows, and two are quarantined',
      async (file) => {
        const { rows, quarantined, mapping } = await readMaster(read(`../../field/${file}`), { broker: 'zerodha' });
        expect([rows.length, quarantined, mapping.name]).toEqual([12, 2, 'kite']);
        expect(rows[8]).toMatchObject({ key: '9', tradingsymbol: 'QUOTED "NAME" LTD' });
      },
    );
  },
);

/** Expects the named values of each contract. Null: the contract has no such value, or null. */
function expectRows(rows: readonly StoredContract[], expected: readonly StoredContract[]): void {
  const named = rows.map((row, index) =>
    Object.fromEntries(Object.keys(expected[index] ?? {}).map((name) => [name, row[name] ?? null])),
  );
  expect(named).toEqual(expected);
}
