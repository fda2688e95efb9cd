import { setImmediate as pause } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { DeskCalendarsService } from './desk-calendars.service.js';
import { portfoliosConfig, type PortfoliosConfig } from './portfolios.config.js';
import type { ContractKey, PortfolioRow } from './portfolios.repository.js';
import { AdjustmentsRepository } from './rates/adjustments.repository.js';
import { RatesRepository } from './rates/rates.repository.js';
import { ValuationMomentsRepository } from './rates/valuation-moments.repository.js';
import { utcTime } from '#time';
import { QuotesRepository } from './quotes/quotes.repository.js';
import { CurrencySums } from './valuation/currency-sums.js';
import type { AdjustmentFacts, MarkFacts, QuoteFacts, SnapshotFacts } from './valuation/facts.js';
import { addCashOf, type ValuedPortfolio, valuePortfolio } from './valuation/portfolio.js';
import { type ValuedPosition, valuePosition } from './valuation/position.js';
import { type PositionInput, sessionOf } from './valuation/priced-position.js';
import { RateTable } from './valuation/rate-table.js';

/** A stored portfolio and what it is worth. */
export interface PortfolioWorth {
  row: PortfolioRow;
  valued: ValuedPortfolio;
  positions: ValuedPosition[];
  /** What the positions were valued from, in the same order. */
  inputs: readonly PositionInput[];
}

/** Portfolios between two pauses, so that 10,000 of them do not stop the event loop for more than some 10 ms. */
const AT_ONCE = 50;
const STALE_SNAPSHOT_DAYS = 5;

/** Derives what portfolios are worth. Nothing of it is stored. */
@Injectable()
export class PortfolioValuesService {
  constructor(
    private readonly rates: RatesRepository,
    private readonly splits: AdjustmentsRepository,
    private readonly moments: ValuationMomentsRepository,
    private readonly quotes: QuotesRepository,
    private readonly calendars: DeskCalendarsService,
    @Inject(portfoliosConfig.token) private readonly config: PortfoliosConfig,
  ) {}

  /**
   * Values portfolios that were read in the open snapshot.
   * @param at `now`: at the desk's moment by the latest quotes. `snapshot`: when their snapshots were taken, without later quotes.
   */
  async value(rows: readonly PortfolioRow[], at: 'now' | 'snapshot' = 'now'): Promise<PortfolioWorth[]> {
    if (rows.length === 0) return [];
    const moment = at === 'now' ? await this.moment() : 0;
    const contracts = contractsOf(rows);
    const quotes = byContract(await this.quotes.latest(contracts));
    const adjustments = grouped(await this.splits.of(contracts));
    const drafts: { row: PortfolioRow; positions: PositionInput[] }[] = [];
    for (const [n, row] of rows.entries()) {
      if (n % AT_ONCE === AT_ONCE - 1) await pause();
      drafts.push({ row, positions: this.inputsOf(row, at, moment, quotes, adjustments) });
    }
    await this.addCloses(drafts);
    const rates = await this.rateTableAt(moment);
    const worths: PortfolioWorth[] = [];
    for (const [n, { row, positions }] of drafts.entries()) {
      if (n % AT_ONCE === AT_ONCE - 1) await pause();
      worths.push(this.worthOf(row, positions, rates, moment));
    }
    return worths;
  }

  /**
   * Values portfolios again after quotes of these contracts, in the open snapshot. Reads and values only positions in them.
   * @param rates as the portfolios were valued with, at `moment`
   */
  async revalue(
    worths: readonly PortfolioWorth[],
    contracts: readonly ContractKey[],
    rates: RateTable,
    moment: number,
  ): Promise<PortfolioWorth[]> {
    const quotes = byContract(await this.quotes.latest(contracts));
    const quoted = new Set(contracts.map(nameOf));
    const changed: { row: PortfolioRow; positions: PositionInput[] }[] = [];
    const drafts = worths.map((worth) => {
      const { broker } = worth.row;
      const fresh: PositionInput[] = [];
      const positions = worth.inputs.map((input) => {
        const name = nameOf({ broker, key: input.position.key });
        if (!quoted.has(name)) return input;
        const again = { ...input, quote: quotes.get(name), closeMark: undefined };
        fresh.push(again);
        return again;
      });
      changed.push({ row: worth.row, positions: fresh });
      return { worth, positions };
    });
    await this.addCloses(changed);
    return drafts.map(({ worth, positions }) => this.worthOf(worth.row, positions, rates, moment, worth));
  }

  /** The rates at the desk's moment. */
  async rateTable(): Promise<RateTable> {
    return this.rateTableAt(await this.moment());
  }

  /** The desk's moment, ms since 1970; 0 before there is one, so that the newest data decides. */
  async moment(): Promise<number> {
    const moment = await this.moments.current();
    return moment === null ? 0 : Date.parse(moment);
  }

  /** The rates at a moment, or at that of the newest rate if it is newer. */
  async rateTableAt(moment: number): Promise<RateTable> {
    const rates = await this.rates.all();
    const newest = rates.reduce((latest, { asOf }) => Math.max(latest, Date.parse(asOf)), moment);
    const days = this.calendars.daysOf('FX', null);
    return new RateTable(rates, { moment: newest, days, base: this.config.baseCurrency ?? null });
  }

  private inputsOf(
    row: PortfolioRow,
    at: 'now' | 'snapshot',
    moment: number,
    quotes: ReadonlyMap<string, QuoteFacts>,
    adjustments: ReadonlyMap<string, AdjustmentFacts[]>,
  ): PositionInput[] {
    return row.positions.map((position) => {
      const name = nameOf({ broker: row.broker, key: position.key });
      const quote = quotes.get(name);
      return {
        position,
        snapshotAsOf: row.asOf,
        currency: row.currency,
        days: this.calendars.daysOf(position.venue ?? row.venue, row.dayRoll),
        moment,
        quote: at === 'snapshot' && quote !== undefined && quote.asOf > row.asOf ? undefined : quote,
        closeMark: undefined,
        adjustments: adjustments.get(name) ?? NONE,
        staleAfterMs: this.config.staleAfterMs,
      };
    });
  }

  /** Adds the last mark before the session to positions whose latest quote is of the session. An older quote is that mark itself. */
  private async addCloses(drafts: readonly { row: PortfolioRow; positions: PositionInput[] }[]): Promise<void> {
    const asking = new Map<string, ContractKey & { before: string; of: PositionInput[] }>();
    for (const [n, { row, positions }] of drafts.entries()) {
      if (n % AT_ONCE === AT_ONCE - 1) await pause();
      for (const input of positions) {
        const { begins } = sessionOf(input);
        if (input.quote === undefined || Date.parse(input.quote.asOf) < begins) continue;
        const contract = {
          broker: row.broker,
          key: input.position.key,
          before: utcTime(new Date(begins).toISOString()),
        };
        const name = `${nameOf(contract)} ${contract.before}`;
        const known = asking.get(name);
        if (known === undefined) asking.set(name, { ...contract, of: [input] });
        else known.of.push(input);
      }
    }
    if (asking.size === 0) return;
    for (const mark of await this.quotes.closesBefore([...asking.values()]))
      for (const input of asking.get(`${nameOf(mark)} ${mark.before}`)!.of) input.closeMark = mark satisfies MarkFacts;
  }

  private worthOf(
    row: PortfolioRow,
    inputs: readonly PositionInput[],
    rates: RateTable,
    moment: number,
    before?: PortfolioWorth,
  ): PortfolioWorth {
    const positions = inputs.map((input, at) =>
      before?.inputs[at] === input ? before.positions[at]! : valuePosition(input),
    );
    const { value, dayPnl, venue, dayRoll, asOf } = row;
    const snapshot: SnapshotFacts = {
      asOf,
      currency: row.currency,
      cash: row.cash,
      cashBalances: row.cashBalances,
      ...(value !== null && { value }),
      ...(dayPnl !== null && { dayPnl }),
      positions: row.positions,
    };
    const sums = new CurrencySums();
    addCashOf(snapshot, sums);
    for (const position of positions) sums.add(position);
    const days = this.calendars.daysOf(venue, dayRoll);
    const takenAt = Date.parse(asOf);
    const [then, now] = [days.at(takenAt).day, days.at(Math.max(moment, takenAt)).day];
    const snapshotAgeDays = days.daysBetween(then, now, STALE_SNAPSHOT_DAYS);
    return { row, positions, inputs, valued: valuePortfolio({ snapshot, positions, sums, rates, snapshotAgeDays }) };
  }
}

const NONE: readonly AdjustmentFacts[] = [];

/** Neither a broker's name nor a key holds this character. */
function nameOf({ broker, key }: ContractKey): string {
  return `${broker}\u0000${key}`;
}

function contractsOf(rows: readonly PortfolioRow[]): ContractKey[] {
  const contracts = new Map<string, ContractKey>();
  for (const { broker, positions } of rows)
    for (const { key } of positions) contracts.set(nameOf({ broker, key }), { broker, key });
  return [...contracts.values()];
}

function byContract<T extends ContractKey>(items: readonly T[]): Map<string, T> {
  return new Map(items.map((item) => [nameOf(item), item]));
}

function grouped<T extends ContractKey>(items: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const known = groups.get(nameOf(item));
    if (known === undefined) groups.set(nameOf(item), [item]);
    else known.push(item);
  }
  return groups;
}
