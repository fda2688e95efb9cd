import { z } from 'zod';
import { condition, masterMappingSchema } from './master-mapping.js';
import alice from './built-in/alice-blue.json' with { type: 'json' };
import alpaca from './built-in/alpaca.json' with { type: 'json' };
import angel from './built-in/angel-one.json' with { type: 'json' };
import binance from './built-in/binance.json' with { type: 'json' };
import bybit from './built-in/bybit.json' with { type: 'json' };
import coinbase from './built-in/coinbase.json' with { type: 'json' };
import deribit from './built-in/deribit.json' with { type: 'json' };
import dhan from './built-in/dhan.json' with { type: 'json' };
import fivePaisa from './built-in/five-paisa.json' with { type: 'json' };
import flattrade from './built-in/flattrade.json' with { type: 'json' };
import fyers from './built-in/fyers.json' with { type: 'json' };
import groww from './built-in/groww.json' with { type: 'json' };
import ibkr from './built-in/ibkr.json' with { type: 'json' };
import icici from './built-in/icici-breeze.json' with { type: 'json' };
import kotak from './built-in/kotak-neo.json' with { type: 'json' };
import kraken from './built-in/kraken.json' with { type: 'json' };
import nasdaq from './built-in/nasdaq-trader.json' with { type: 'json' };
import okx from './built-in/okx.json' with { type: 'json' };
import shoonya from './built-in/shoonya.json' with { type: 'json' };
import upstox from './built-in/upstox.json' with { type: 'json' };
import xetra from './built-in/xetra.json' with { type: 'json' };
import zerodha from './built-in/zerodha.json' with { type: 'json' };

const fileSchema = z.strictObject({
  /** Names of the broker that `--broker` may give. The first is the usual one. */
  brokers: z.array(z.string()).min(1),
  /** Where the columns and their meaning were looked up. */
  source: z.string(),
  formats: z.array(
    z.strictObject({
      title: z.string(),
      /** `real`: read from a real file. `case`: read from a file that was made after one. `no`: from documents only. */
      tried: z.enum(['real', 'case', 'no']),
      /** What tells the format from others with the same columns. */
      detect: z
        .strictObject({
          columns: z.array(z.string()).optional(),
          /** Number of columns of a file without a header. */
          width: z.int().optional(),
          /** Conditions on the first row. */
          first: z.array(condition).optional(),
        })
        .default({}),
      mapping: masterMappingSchema,
    }),
  ),
});

type Format = z.output<typeof fileSchema>['formats'][number];

/** A mapping that is part of the product. */
export interface BuiltInMaster extends Format {
  brokers: readonly string[];
  source: string;
}

const FILES = [
  ...[alice, alpaca, angel, binance, bybit, coinbase, deribit, dhan, fivePaisa, flattrade, fyers],
  ...[groww, ibkr, icici, kotak, kraken, nasdaq, okx, shoonya, upstox, xetra, zerodha],
];
type BuiltInFile = (typeof FILES)[number];

const checked = new Map<BuiltInFile, readonly BuiltInMaster[]>();

/**
 * The built-in formats of instrument masters: all, or those of a broker. Each file is checked when it is first needed, because
 * checking all of them takes some 30 ms.
 */
export function builtInMasters(broker?: string): readonly BuiltInMaster[] {
  const wanted = broker === undefined ? FILES : FILES.filter(({ brokers }) => brokers.includes(broker));
  return wanted.flatMap(formatsIn);
}

function formatsIn(file: BuiltInFile): readonly BuiltInMaster[] {
  const known = checked.get(file);
  if (known !== undefined) return known;
  const { brokers, source, formats } = fileSchema.parse(file);
  const found = formats.map((format) => ({ ...format, brokers, source }));
  checked.set(file, found);
  return found;
}
