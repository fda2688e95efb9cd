import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExportFormat, ExportReading, ReadOptions } from '../../../libs/portfolios/exports/export-reading.js';
import readBrokerExport from '../../../libs/portfolios/exports/read-broker-export.js';
import { type DeskCase, figuresOf, valued } from './valuation.fixture.js';

const folder = process.env['DESKWIRE_DATA_DIR'] ?? '/nowhere';
const recorded = existsSync(join(folder, 'domain/exports'));
const NOW = '2026-11-25T12:00:00.000Z';

function read(format: ExportFormat, paths: string[], options: Partial<ReadOptions> = {}): ExportReading {
  const files = paths.map((path) => ({ name: path, bytes: new Uint8Array(readFileSync(join(folder, path))) }));
  const reading = readBrokerExport({ format, files, options: { now: NOW, ...options } });
  if ('refused' in reading) throw new Error(reading.refused.message);
  return reading;
}

/** The desk that the documents describe, at their own rates. */
function deskOf({ asOf, currency, cash, value, dayPnl, positions, rates }: ExportReading): DeskCase {
  const at = asOf ?? NOW;
  return {
    snapshot: {
      ...{ asOf: at, currency, cash: '0', positions },
      cashBalances: cash ?? [],
      ...(value !== undefined && { value }),
      ...(dayPnl !== undefined && { dayPnl }),
    },
    rates: rates.map((rate) => ({ ...rate, asOf: at })),
  };
}

/** Value and day P&L of the whole, then of each position with its unrealised profit, by symbol. */
function worthOf(reading: ExportReading) {
  const desk = valued(deskOf(reading));
  const positions = desk.positions.map(({ value, unrealised, dayPnl }, index) => {
    const shown = [value, unrealised, dayPnl].map((amount) => amount && amount.shown());
    const { symbol, leg } = reading.positions[index]!;
    return [`${symbol}${leg === 'LONG' || leg === 'SHORT' ? ` ${leg}` : ''}`, shown] as const;
  });
  const byCurrency = Object.fromEntries(
    desk.byCurrency.map(({ currency, value }) => [currency, value && value.shown()]),
  );
  return { ...figuresOf(desk), positions: Object.fromEntries(positions), byCurrency, desk };
}

(recorded ? describe : describe.skip)('exports as brokers make them (skipped if DESKWIRE_DATA_DIR is unset)', () => {
  it('Kite: a sold holding is no short, lots have their multiplier, and `value` is not worth (E01)', () => {
    const paths = ['domain/exports/E01_kite_positions.json', 'domain/exports/E01_kite_holdings.json'];
    const reading = read('kite', paths);
    const { value, dayPnl, positions } = worthOf(reading);
    expect({ value, dayPnl }).toEqual({ value: '-4479.4', dayPnl: '1762.6' });
    expect(positions).toEqual({
      PLUMBMINI26DECFUT: ['800', '800', '800'],
      NIMBUS26DEC26000CE: ['-7837.5', '1185', '952.5'],
      HELIO: ['1898.1', '155.1', '-1.9'],
      AURORA: ['660', '20', '12'],
    });
    const [future, option, helio, aurora] = reading.positions;
    const day = (...[openQuantity, buyQuantity, buyValue, sellQuantity, sellValue]: string[]) => ({
      day: { openQuantity, buyQuantity, buyValue, sellQuantity, sellValue },
    });
    expect(future).toMatchObject({
      quantity: '2',
      multiplier: '1000',
      valuation: 'margined',
      ...day('0', '2', '322100', '0', '0'),
    });
    expect(future).not.toHaveProperty('previousClose');
    expect(option).toMatchObject({ quantity: '-75', previousClose: '110', ...day('-150', '75', '7710', '0', '0') });
    expect(option).not.toHaveProperty('valuation');
    expect(helio).toMatchObject({
      quantity: '6',
      averagePrice: '290.5',
      previousClose: '318',
      leg: 'CNC',
      ...day('10', '0', '0', '4', '1280'),
    });
    expect(aurora).toMatchObject({ quantity: '8' });
    expect(reading.ignored.columns).toContain('net.value');
    // The order of the documents is of no matter.
    expect(read('kite', paths.reverse()).positions).toEqual(reading.positions);
  });

  it("Kite: the broker's own example is read, with the P&L of closed positions", () => {
    const { value, dayPnl, positions } = worthOf(read('kite', ['portfolio/kite/positions.json']));
    expect({ value, dayPnl }).toEqual({ value: '0', dayPnl: '274' });
    expect(positions).toMatchObject({ GOLDGUINEA17DECFUT: ['0', '0', '276'], SBIN: ['0', '0', '-2'] });
    const held = read('kite', ['portfolio/kite/holdings.json']);
    expect(worthOf(held)).toMatchObject({ value: '12552.15', dayPnl: '-62.6' });
    expect(held.positions.map(({ symbol, leg }) => `${symbol} ${leg}`)).toContain('AARON MTF-HELD');
    const compact = worthOf(read('kite', ['portfolio/kite/holdings_compact.json']));
    expect(compact.value).toBeNull();
    expect(new Set(compact.desk.incomplete.map(({ reason }) => reason))).toContain('no_price');
  });

  it('Alpaca: the figures of the broker are shown, and what ours lack is the difference (E02)', () => {
    const reading = read('alpaca', ['domain/exports/E02_alpaca.json']);
    const { value, dayPnl, positions, desk } = worthOf(reading);
    expect({ value, dayPnl }).toEqual({ value: '10966.26', dayPnl: '66.88' });
    expect(positions).toMatchObject({
      MSNR: ['798.16', '5.72', '5.72'],
      SPDX: ['723.1', '-102.72', '-8.84'],
      QUILL261218P00050000: ['-555', '75', '30'],
    });
    expect(desk.reconciliation).toEqual({
      value: { given: '10966.26', computed: '10966.26', difference: '0.00' },
      dayPnl: { given: '66.88', computed: '26.88', difference: '40.00' },
    });
    expect(reading.positions[2]).toMatchObject({ multiplier: '100' });
    expect(reading.ignored.columns).toEqual(expect.arrayContaining(['account.multiplier', 'positions.change_today']));
  });

  it('Binance USD-M: two legs of one contract, and margin assets apart (E03)', () => {
    const reading = read('binance-usdm', ['domain/exports/E03_binance_um_hedge.json']);
    const { positions, byCurrency, value, dayPnl, desk } = worthOf(reading);
    expect(positions).toMatchObject({
      'COINUSDT LONG': ['5000', '5000', null],
      'COINUSDT SHORT': ['500', '500', null],
    });
    expect(byCurrency).toEqual({ BNB: '1.5', USDT: '25500' });
    // Given by the venue, at its own rates.
    expect(value).toBe('26400.00000000');
    expect(dayPnl).toBeNull();
    expect(desk.incomplete.map(({ reason }) => reason)).toContain('no_previous_close');
  });

  it('Binance COIN-M: the size of a contract comes from another answer, and is not the same for all (E04)', () => {
    const { positions, byCurrency } = worthOf(read('binance-coinm', ['domain/exports/E04_binance_cm_inverse.json']));
    expect(positions).toMatchObject({ COINUSD_PERP: ['0.0125', '0.0125', null], LEAFUSD_PERP: ['-10', '-10', null] });
    expect(byCurrency).toEqual({ COIN: '1.5125', LEAF: '-10' });
  });

  it('Angel One: the average is that of the open side, and not the price that breaks even (E05)', () => {
    const reading = read('angel', ['domain/exports/E05_angel_positions.json']);
    expect(reading.positions).toMatchObject([
      {
        key: 'MCX|434330',
        quantity: '100',
        averagePrice: '87.45',
        day: {
          openQuantity: '0',
          buyQuantity: '1400',
          buyValue: '122430.00',
          sellQuantity: '1300',
          sellValue: '118040.00',
        },
      },
    ]);
    expect(reading.positions[0]).not.toHaveProperty('multiplier');
    expect(worthOf(reading).positions).toEqual({ ROCKOIL26DEC6650CE: ['5380', '-3365', '990'] });
  });

  it('Interactive Brokers Flex: the statement reaches its own total, and splits the day as we do (E06)', () => {
    const reading = read('ibkr-flex', ['domain/exports/E06_ibkr_flex.xml']);
    expect(reading).toMatchObject({
      account: 'U0000001',
      currency: 'USD',
      dayFees: '3.2',
      asOf: '2026-11-25T04:59:59.000Z',
    });
    expect(reading.positions.map(({ key }) => key)).toEqual(['900001', '900002', '900003', '900004']);
    expect(reading.cash).toEqual([
      { currency: 'USD', amount: '10000' },
      { currency: 'EUR', amount: '2000' },
    ]);
    const { value, dayPnl, positions, desk } = worthOf(reading);
    expect({ value, dayPnl }).toEqual({ value: '45142.5', dayPnl: '1304.25' });
    expect(desk.reconciliation).toEqual({
      value: { given: '45142.5', computed: '45142.5', difference: '0.0' },
      dayPnl: { given: '1304.25', computed: '1304.25', difference: '0.00' },
    });
    expect(positions).toMatchObject({
      ORBX: ['22000', '4000', '200'],
      SAMT: ['10500', '50', '50'],
      ESXZ6: ['0', '5000', '1000'],
      'ORBX  261218C00250000': ['-420', '30', '50'],
    });
  });

  it('Interactive Brokers activity: one file of many tables, with thousands and named zones (E07)', () => {
    const reading = read('ibkr-activity', ['domain/exports/E07_ibkr_activity_en.csv']);
    expect(reading.positions).toMatchObject([
      { symbol: 'ORBX', quantity: '100', currency: 'USD' },
      { symbol: 'SAMT', quantity: '1050', currency: 'EUR' },
    ]);
    expect(reading).toMatchObject({
      value: '273412.5',
      dayPnl: '1339.25',
      dayFees: '2.2',
      cash: [{ currency: 'USD', amount: '12170' }],
    });
    const rates = [{ base: 'EUR', quote: 'USD', price: '1.085' }];
    const { value, desk } = worthOf({ ...reading, rates });
    expect(value).toBe('273412.5');
    expect(desk.reconciliation.value).toEqual({ given: '273412.5', computed: '273412.5', difference: '0.0' });
    expect(reading.ignored.rows).toEqual(
      expect.arrayContaining([{ rows: 'of Open Positions that are lots of a position', count: 1 }]),
    );
  });

  it('ghostfolio: activities are positions at average cost without a price, and not worth nothing (E08)', () => {
    const reading = read('ghostfolio', ['domain/exports/E08_ghostfolio_export.json']);
    expect(reading.positions).toMatchObject([{ key: 'SAMT.DE', quantity: '6', averagePrice: '100', lastPrice: null }]);
    expect(reading.cash).toEqual([{ currency: 'EUR', amount: '1500.25' }]);
    const { value, desk } = worthOf(reading);
    expect(value).toBeNull();
    expect(desk.incomplete).toContainEqual({ position: 'SAMT.DE', field: 'value', reason: 'no_price' });
    expect(desk.known.value.shown()).toBe('1500.25');
  });

  it("ghostfolio: the project's own examples are read", () => {
    const sample = read('ghostfolio', ['portfolio/ghostfolio/sample.json']);
    expect(sample.positions.map(({ key, quantity }) => [key, quantity])).toEqual([
      ['MSFT', '5'],
      ['7e91b7d4-1430-4212-8380-289a06c9bbc1', '1'],
    ]);
    expect(sample.cash).toEqual([{ currency: 'USD', amount: '2000' }]);
    expect(read('ghostfolio', ['portfolio/ghostfolio/novn-buy-and-sell.json']).positions).toEqual([]);
  });

  it('documents of one broker are refused as those of another, with what was looked for and found', () => {
    const refusal = (format: ExportFormat, path: string) => {
      try {
        return read(format, [path]).positions;
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(refusal('upstox', 'domain/exports/E05_angel_positions.json')).toMatch(
      /looked for the answers of Upstox.*symboltoken/,
    );
    expect(refusal('kite', 'portfolio/kite/orders.json')).toMatch(/looked for the positions \(`net`\) or holdings/);
    expect(refusal('alpaca', 'domain/exports/E06_ibkr_flex.xml')).toMatch(/found xml that is not JSON/);
    expect(refusal('ibkr-flex', 'domain/exports/E02_alpaca.json')).toMatch(/found no XML/);
  });
});
