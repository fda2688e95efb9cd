import { alpacaExport } from './alpaca-export.js';
import { angelExport } from './angel-export.js';
import { binanceFutures } from './binance-futures.js';
import { binanceSpot } from './binance-spot.js';
import { documentOf, type ExportDocument, type ExportFile } from './export-document.js';
import {
  type ExportFormat,
  type ExportReading,
  ExportRefused,
  type ExportRefusal,
  type ReadOptions,
} from './export-reading.js';
import { flatTable } from './flat-table.js';
import { ghostfolioExport } from './ghostfolio-export.js';
import { ibkrActivity } from './ibkr-activity.js';
import { ibkrFlex } from './ibkr-flex.js';
import { kiteExport } from './kite-export.js';
import { portfolioPerformance } from './portfolio-performance.js';
import { upstoxExport } from './upstox-export.js';

type Reader = (documents: readonly ExportDocument[], options: ReadOptions) => ExportReading;

const READERS: Record<ExportFormat, Reader> = {
  kite: kiteExport,
  upstox: upstoxExport,
  angel: angelExport,
  alpaca: alpacaExport,
  'binance-spot': binanceSpot,
  'binance-usdm': (documents, options) => binanceFutures(documents, options, 'usdm'),
  'binance-coinm': (documents, options) => binanceFutures(documents, options, 'coinm'),
  'ibkr-flex': ibkrFlex,
  'ibkr-activity': ibkrActivity,
  ghostfolio: ghostfolioExport,
  'portfolio-performance': portfolioPerformance,
  csv: flatTable,
};

/** Columns that an answer lists. */
const COLUMNS_TOLD = 100;
const NOTES_TOLD = 50;

export interface BrokerExportInput {
  format: ExportFormat;
  files: ExportFile[];
  options: ReadOptions;
}

/**
 * What the documents of a broker say of one account. Runs in a worker thread, because the sender decides how long it takes.
 */
export default function readBrokerExport(input: BrokerExportInput): ExportReading | { refused: ExportRefusal } {
  try {
    const reading = READERS[input.format](input.files.map(documentOf), input.options);
    const { columns, rows } = reading.ignored;
    return {
      ...reading,
      ignored: { columns: columns.slice(0, COLUMNS_TOLD), rows: rows.slice(0, COLUMNS_TOLD) },
      notes: reading.notes.slice(0, NOTES_TOLD),
    };
  } catch (error) {
    if (error instanceof ExportRefused) return { refused: error.refusal };
    // Nesting or a text that V8 gives up on: the document's fault, and no fault of the reader.
    if (error instanceof RangeError) {
      const allowed = 'a document with less nesting and shorter values';
      return {
        refused: {
          message: 'The documents are nested too deeply, or a value is too long.',
          field: 'documents',
          allowed,
        },
      };
    }
    throw error;
  }
}
