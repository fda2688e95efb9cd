import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { Transactions } from '#database';
import { tickersShrink } from '../filings.errors.js';
import {
  FilerTickersRepository,
  type LoadedFile,
  type TickerChanges,
  type TickerPeriod,
} from './filer-tickers.repository.js';
import { readTickerFile, type TickerFile } from './ticker-file.js';

/** Share of the current tickers that a file may lack, in percent. One day ends a handful of 9,600. */
const MAX_ENDED_PERCENT = 20;

/** Result of a load. */
export interface TickerLoad extends TickerChanges, Pick<TickerFile, 'skipped' | 'problems'> {
  source: string;
  /** Tickers in the file. */
  tickers: number;
}

/** Which filer has which tickers, and had them when. */
@Injectable()
export class FilerTickers {
  constructor(
    private readonly repository: FilerTickersRepository,
    private readonly transactions: Transactions,
    @InjectMetric('filings_ticker_loads_total') private readonly outcomes: Counter<'outcome'>,
  ) {}

  /**
   * Loads a whole ticker file: what it lacks has ended, and stays as history. Loads of several processes run one after the other.
   * @param source URL or name of the file
   * @param force accept a file that lacks more than 20 % of the current tickers
   * @throws DomainError FILINGS_TICKERS_UNREADABLE, FILINGS_TICKERS_SHRINK
   */
  async load(bytes: Uint8Array, source: string, force = false): Promise<TickerLoad> {
    try {
      const { tickers, skipped, problems } = readTickerFile(bytes);
      const changes = await this.transactions.atomic(async () => {
        const { known, current, missing } = await this.repository.lockAndCompare(tickers);
        if (!force && missing * 100 > current * MAX_ENDED_PERCENT) throw tickersShrink(source, missing, current);
        const made = await this.repository.replace(tickers, known === 0);
        const { added, ended } = made;
        await this.repository.noteLoad({ source, tickers: tickers.length, added, ended, skipped });
        return made;
      });
      this.outcomes.inc({ outcome: 'loaded' });
      return { source, tickers: tickers.length, ...changes, skipped, problems };
    } catch (error) {
      this.outcomes.inc({ outcome: 'refused' });
      throw error;
    }
  }

  /** The current tickers of each of these filers (ten digits), the main one first. */
  of(ciks: Iterable<string>): Promise<Map<string, string[]>> {
    const wanted = [...new Set(ciks)];
    return wanted.length === 0 ? Promise.resolve(new Map()) : this.repository.current(wanted);
  }

  /** Who has tickers and who had them, or the tickers of a filer: current ones first. */
  periods(by: { tickers: readonly string[] } | { cik: string }, limit: number): Promise<TickerPeriod[]> {
    return this.repository.periods(by, limit);
  }

  loads(): Promise<LoadedFile[]> {
    return this.repository.loads();
  }

  /** Whether a file was not loaded within a time. */
  isDue(source: string, ms: number): Promise<boolean> {
    return this.repository.isOlder(source, ms);
  }
}
