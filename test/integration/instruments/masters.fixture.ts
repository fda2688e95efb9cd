import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Folder of the real masters, or undefined: they are not part of the repository. */
export const realMasters = (() => {
  const folder = process.env['DESKWIRE_DATA_DIR'];
  const masters = folder && join(folder, 'instruments');
  return masters && existsSync(masters) ? masters : undefined;
})();

/** `describe`, skipped with the reason in its title without the real masters. */
export const describeWithRealMasters = (title: string, tests: () => void): void =>
  realMasters ? describe(title, tests) : describe.skip(`${title} (skipped: DESKWIRE_DATA_DIR is unset)`, tests);

export const KITE_HEADER =
  'instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,lot_size,instrument_type,segment,exchange';

/** The day on which made contracts expire. It is near, because a master in which no contract expires soon is refused. */
export const MADE_EXPIRY = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);

export interface MadeContract {
  token: number | string;
  symbol: string;
  name?: string;
  expiry?: string;
  strike?: string;
  type?: string;
  exchange?: string;
  lot?: string;
  tick?: string;
}

/** A master with Kite's columns. */
export function kiteCsv(contracts: readonly MadeContract[]): string {
  const rows = contracts.map(
    ({
      token,
      symbol,
      name = 'ACME',
      expiry = MADE_EXPIRY,
      strike = '100.0',
      type = 'CE',
      exchange = 'NFO',
      ...size
    }) => {
      const { tick = '0.05', lot = '50' } = size;
      return [token, '1', symbol, name, '0.0', expiry, strike, tick, lot, type, `${exchange}-OPT`, exchange].join(',');
    },
  );
  return [KITE_HEADER, ...rows, ''].join('\n');
}

/** `count` contracts with tokens from 1000 on. */
export function contracts(count: number, from = 1000): MadeContract[] {
  return Array.from({ length: count }, (_, index) => ({ token: from + index, symbol: `ACME26AUG${from + index}CE` }));
}

export async function* bytesOf(text: string | Buffer, pieces = 64 * 1024): AsyncGenerator<Buffer> {
  const whole = Buffer.from(text as string);
  for (let at = 0; at < whole.length; at += pieces) yield whole.subarray(at, at + pieces);
}
