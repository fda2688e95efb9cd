import { setImmediate as pause } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { DeskCalendarsService } from './desk-calendars.service.js';
import { portfoliosConfig, type PortfoliosConfig } from './portfolios.config.js';
import { POSITIONS_VALUED } from './portfolios.metrics.js';
import type { ContractKey, PortfolioRow } from './portfolios.repository.js';
import { AdjustmentsRepository } from './rates/adjustments.repository.js';
import { RatesRepository } from './rates/rates.repository.js';
import { ValuationMomentsRepository } from './rates/valuation-moments.repository.js';
import { utcTime } from '#time';
import { QuotesRepository } from './quotes/quotes.repository.js';
import type { AdjustmentFacts, MarkFacts, QuoteFacts, RateFacts, SnapshotFacts } from './valuation/facts.js';
import { changesAt, limitsOf, type MomentLimits } from './valuation/moment-limits.js';
import { valuePortfolio } from './valuation/portfolio.js';
import { isOfSameSession } from './valuation/moved-position.js';
import { type KeptWorth, type PortfolioWorth, valuedAnew, WorthDraft } from './portfolio-worth.js';
import { instantOf, type PositionInput, sessionOf } from './valuation/priced-position.js';
import { RateTable } from './valuation/rate-table.js';

/** Contracts, as `broker key`, whose quote or whose marks of earlier half hours changed, with the latest quotes of both. */
export interface ChangedContracts {
  quoted: ReadonlySet<string>;
  marked: ReadonlySet<string>;
  latest: ReadonlyMap<string, QuoteFacts>;
}

/** What was read of contracts and rates, by `nameOf`. Undefined: there is none. */
export interface SharedFacts {
  readonly moment: number;
  readonly rates: RateTable;
  readonly quotes: Map<string, QuoteFacts | undefined>;
  readonly adjustments: Map<string, AdjustmentFacts[]>;
  /** The last mark before a session began, by contract and begin. */
  readonly closes: Map<string, MarkFacts | undefined>;
}

/** Contracts whose facts are kept between groups of portfolios: some 30 MB. */
const FACTS_KEPT = 50_000;
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
    @InjectMetric(POSITIONS_VALUED) private readonly valued: Counter,
  ) {}

  /**
   * Values portfolios that were read in the open snapshot.
   * @param at `now`: at the desk's moment by the latest quotes. `snapshot`: when their snapshots were taken, without later quotes.
   * @param facts of the same snapshot and moment, from `factsAt`
   */
  async value(
    rows: readonly PortfolioRow[],
    at: 'now' | 'snapshot' = 'now',
    facts: SharedFacts | undefined = undefined,
  ): Promise<PortfolioWorth[]> {
    if (rows.length === 0) return [];
    const shared = facts ?? (await this.factsAt(at === 'now' ? await this.moment() : 0));
    const { moment, rates } = shared;
    await this.addFacts(shared, contractsOf(rows));
    const drafts: { row: PortfolioRow; positions: PositionInput[] }[] = [];
    for (const [n, row] of rows.entries()) {
      if (n % AT_ONCE === AT_ONCE - 1) await pause();
      drafts.push({ row, positions: this.inputsOf(row, at, shared) });
    }
    await this.addCloses(drafts, shared.closes);
    const worths: PortfolioWorth[] = [];
    for (const [n, { row, positions }] of drafts.entries()) {
      if (n % AT_ONCE === AT_ONCE - 1) await pause();
      this.valued.inc(positions.length);
      const contracts = row.positions.map(({ key }) => `${row.broker} ${key}`);
      worths.push(this.worthOf({ row, contracts }, positions, valuedAnew(row, positions), rates, moment));
    }
    return worths;
  }

  /** For several calls of `value` in one snapshot: what one has read the next does not read again. */
  async factsAt(moment: number, rates?: RateTable): Promise<SharedFacts> {
    const [quotes, adjustments, closes] = [new Map(), new Map(), new Map()];
    return { moment, rates: rates ?? (await this.rateTableAt(moment)), quotes, adjustments, closes };
  }

  /**
   * Values portfolios again after quotes, in the open snapshot. Values only positions in the contracts that changed.
   * @param rates as the portfolios were valued with, at `moment`
   */
  async revalue(
    worths: readonly KeptWorth[],
    changed: ChangedContracts,
    rates: RateTable,
    moment: number,
  ): Promise<PortfolioWorth[]> {
    const anew: { draft: WorthDraft; at: number; input: PositionInput }[] = [];
    const asking: { row: PortfolioRow; positions: PositionInput[] }[] = [];
    let count = 0;
    const drafts = worths.map((worth) => {
      const draft = new WorthDraft(worth);
      const withoutClose: PositionInput[] = [];
      for (let at = 0; at < worth.inputs.length; at++) {
        const contract = worth.contracts[at]!;
        const marked = changed.marked.size > 0 && changed.marked.has(contract);
        if (!marked && !changed.quoted.has(contract)) continue;
        count += 1;
        const before = worth.inputs[at]!;
        const input = { ...before, moment, quote: changed.latest.get(contract) };
        const sameSession = !marked && isOfSameSession(before, input);
        if (sameSession && draft.move(at, input)) continue;
        anew.push({ draft, at, input });
        if (sameSession) continue;
        input.closeMark = undefined;
        withoutClose.push(input);
      }
      if (withoutClose.length > 0) asking.push({ row: worth.row, positions: withoutClose });
      return draft;
    });
    await this.addCloses(asking);
    for (const { draft, at, input } of anew) draft.value(at, input);
    this.valued.inc(count);
    return drafts.map((draft) => this.worthOf(draft.before, draft.inputs, draft, rates, moment));
  }

  /** Until when a later moment leaves a portfolio as it was valued. */
  limitsOf({ row, inputs, positions }: KeptWorth, moment: number): MomentLimits {
    const days = this.calendars.daysOf(row.venue, row.dayRoll);
    return limitsOf(inputs, positions, days.at(Math.max(moment, Date.parse(row.asOf))).ends);
  }

  /** Whether a later moment changes a portfolio. */
  changesAt(moment: number, limits: MomentLimits): boolean {
    return changesAt(moment, this.config.staleAfterMs, limits);
  }

  /** The same object as long as no day of a venue is corrected. */
  get calendarsNow(): object {
    return this.calendars.generation;
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

  /**
   * The rates at a moment, or at that of the newest rate if it is newer.
   * @param more rates that the desk does not store; they replace its own of the same pair
   */
  async rateTableAt(moment: number, more: readonly RateFacts[] = []): Promise<RateTable> {
    const pairs = new Set(more.map(({ base, quote }) => `${base} ${quote}`));
    const stored = await this.rates.all();
    const rates = [...more, ...stored.filter(({ base, quote }) => !pairs.has(`${base} ${quote}`))];
    const newest = rates.reduce((latest, { asOf }) => Math.max(latest, Date.parse(asOf)), moment);
    const days = this.calendars.daysOf('FX', null);
    return new RateTable(rates, { moment: newest, days, base: this.config.baseCurrency ?? null });
  }

  private async addFacts(
    { quotes, adjustments, closes }: SharedFacts,
    contracts: readonly ContractKey[],
  ): Promise<void> {
    if (quotes.size > FACTS_KEPT) for (const map of [quotes, adjustments, closes]) map.clear();
    const unknown = contracts.filter((contract) => !quotes.has(nameOf(contract)));
    if (unknown.length === 0) return;
    for (const contract of unknown) quotes.set(nameOf(contract), undefined);
    for (const quote of await this.quotes.latest(unknown)) quotes.set(nameOf(quote), quote);
    for (const [name, splits] of grouped(await this.splits.of(unknown))) adjustments.set(name, splits);
  }

  private inputsOf(
    row: PortfolioRow,
    at: 'now' | 'snapshot',
    { moment, quotes, adjustments }: SharedFacts,
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
  private async addCloses(
    drafts: readonly { row: PortfolioRow; positions: PositionInput[] }[],
    closes: SharedFacts['closes'] = new Map(),
  ): Promise<void> {
    const asking = new Map<string, ContractKey & { begins: number; of: PositionInput[] }>();
    for (const [n, { row, positions }] of drafts.entries()) {
      if (n % AT_ONCE === AT_ONCE - 1) await pause();
      for (const input of positions) {
        const { begins } = sessionOf(input);
        if (input.quote === undefined || instantOf(input.quote.asOf) < begins) continue;
        const contract = { broker: row.broker, key: input.position.key };
        const name = `${nameOf(contract)} ${begins}`;
        const known = asking.get(name);
        if (known !== undefined) known.of.push(input);
        else if (closes.has(name)) input.closeMark = closes.get(name);
        else asking.set(name, { ...contract, begins, of: [input] });
      }
    }
    if (asking.size === 0) return;
    const before = new Map<number, string>();
    const asked = [...asking].map(([name, { broker, key, begins }]) => {
      closes.set(name, undefined);
      if (!before.has(begins)) before.set(begins, utcTime(new Date(begins).toISOString()));
      return { broker, key, before: before.get(begins)! };
    });
    for (const mark of await this.quotes.closesBefore(asked)) {
      const name = `${nameOf(mark)} ${instantOf(mark.before)}`;
      closes.set(name, mark satisfies MarkFacts);
      for (const input of asking.get(name)!.of) input.closeMark = mark;
    }
  }

  private worthOf(
    { row, contracts }: Pick<PortfolioWorth, 'row' | 'contracts'>,
    inputs: readonly PositionInput[],
    { positions, sums }: Pick<PortfolioWorth, 'positions' | 'sums'>,
    rates: RateTable,
    moment: number,
  ): PortfolioWorth {
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
    const days = this.calendars.daysOf(venue, dayRoll);
    const takenAt = instantOf(asOf);
    const [then, now] = [days.at(takenAt).day, days.at(Math.max(moment, takenAt)).day];
    const snapshotAgeDays = days.daysBetween(then, now, STALE_SNAPSHOT_DAYS);
    return {
      row,
      contracts,
      positions,
      inputs,
      sums,
      valued: valuePortfolio({ snapshot, positions, sums, rates, snapshotAgeDays }),
    };
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

function grouped<T extends ContractKey>(items: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const known = groups.get(nameOf(item));
    if (known === undefined) groups.set(nameOf(item), [item]);
    else known.push(item);
  }
  return groups;
}
