import { currencyCode } from '#text';
import { Decimal, decimalString, writtenDecimal } from '#decimal';
import type { Quote } from '#portfolios';
import type { QuoteSettings } from '../prices/quote-settings.dto.js';
import { quoteTime } from '../prices/quote-time.js';
import type { ItemWarning } from '../sources/feed-source.js';
import { plainText } from './plain-text.js';
import { notAFeed } from './unreadable-document.js';

/** A row of a file, or an element with its name in an object of quotes. */
export interface PricedRow {
  fields: Record<string, string | undefined>;
  name: string | undefined;
}

export interface ParsedQuotes {
  quotes: Quote[];
  entries: number;
  unreadable: number;
  warnings: ItemWarning[];
}

/** Usual names of the columns, tried in this order, case-insensitive. */
const USUAL = {
  key: ['key', 'symbol', 'ticker', 'instrument_token', 'tradingsymbol'],
  price: ['price', 'last_price', 'last', 'ltp', 'close'],
  time: ['time', 'timestamp', 'last_trade_time', 'date', 'datetime'],
  previousClose: ['previous_close', 'previousclose', 'prev_close', 'ohlc.close'],
} as const;

const SKIPPED = ['N/D', 'NaN', '-'];
/** Columns of a header that a message lists, and keys that a note lists. */
const [COLUMNS_TOLD, KEYS_TOLD] = [20, 5];
/** Other spellings of minor units. */
const SPELLED: Readonly<Record<string, string>> = { GBp: 'GBX', ZAc: 'ZAC' };
/**
 * Tolerated clock difference of providers. Beyond portfolios' `aheadToleranceMs` a quote would be refused together with
 * its whole batch.
 */
const AHEAD_MS = 60_000;

/** A decimal number without a sign, an exponent, groups or zeros in front. */
const PLAIN = /^(?:0|[1-9]\d{0,25})(?:\.\d{1,18})?$/;

/** A price with its day in the zone of the source. */
interface DatedQuote {
  quote: Quote;
  day: string;
}

/** Makes quotes of rows: the newest of each key. A row that is none becomes a warning, one without a price a note of all. */
export class QuoteRows {
  private entries = 0;
  private readonly latest = new Map<string, Quote>();
  /** The last price of each day, by key, if closes come from the bar before. */
  private readonly days = new Map<string, Map<string, DatedQuote>>();
  private readonly warnings: ItemWarning[] = [];
  private readonly skipped: string[] = [];
  private readonly skip: ReadonlySet<string>;
  private readonly barBefore: boolean;
  /** The columns with usual names, of a file whose rows have all columns. */
  private usual: ReadonlyMap<readonly string[], readonly string[]> | undefined;

  constructor(
    private readonly settings: QuoteSettings,
    private readonly now: Date,
  ) {
    this.skip = new Set(settings.skip ?? SKIPPED);
    this.barBefore = typeof settings.previousClose === 'object';
  }

  /** @throws UnreadableDocument naming the header, if a column that is set or needed is not in it */
  checkHeader(header: readonly string[]): void {
    const { key, fixedKey, price, previousClose, previousCloseDate, currency } = this.settings;
    const optional = [typeof previousClose === 'string' ? previousClose : undefined, previousCloseDate, currency];
    const conditions = (this.settings.when ?? []).flatMap((one) => one.if.map(({ column }) => column));
    for (const column of [...this.needed(), ...optional, ...conditions])
      if (column !== undefined && !header.includes(column))
        throw noColumn(`the column ${JSON.stringify(column)}`, header);
    const lacks = (names: readonly string[]) =>
      !names.some((name) => header.some((column) => column.toLowerCase() === name));
    if (key === undefined && fixedKey === undefined && lacks(USUAL.key))
      throw noColumn(`a column of the key (${USUAL.key.join(', ')})`, header);
    if (price === undefined && lacks(USUAL.price))
      throw noColumn(`a column of the price (${USUAL.price.join(', ')})`, header);
    this.usual = new Map(Object.values(USUAL).map((names) => [names, usualColumns(header, names)]));
  }

  /** As `checkHeader`, for elements that need not have all fields: one that no element has is a failure. */
  checkElements(rows: readonly PricedRow[]): void {
    if (rows.length === 0) return;
    const fields = new Set(rows.flatMap((row) => Object.keys(row.fields)));
    for (const path of this.needed())
      if (path !== undefined && !fields.has(path)) throw noColumn(`the field ${JSON.stringify(path)}`, [...fields]);
  }

  private needed(): (string | undefined)[] {
    const { key, price, time = [] } = this.settings;
    return [key, ...(typeof price === 'object' ? price.mid : [price]), ...(Array.isArray(time) ? time : [time])];
  }

  add(row: PricedRow): void {
    this.entries += 1;
    const { key, fixedKey } = this.settings;
    const named = fixedKey ?? (key === undefined ? (row.name ?? this.pick(row, USUAL.key)) : row.fields[key]);
    const dated = this.quoteOf(row, plainText(named, 200));
    if (dated === undefined) return;
    if (typeof dated === 'string')
      return void this.warnings.push({ item: row.name ?? `row ${this.entries}`, reason: dated });
    const { quote } = dated;
    const known = this.latest.get(quote.key);
    if (known === undefined || known.asOf <= quote.asOf) this.latest.set(quote.key, quote);
    if (this.barBefore) this.keepDay(dated);
  }

  /** @throws UnreadableDocument if no row can be read: that is a wrong setting or another file, not a quiet source */
  quotes(): ParsedQuotes {
    if (this.latest.size === 0 && this.warnings.length > 0 && this.skipped.length === 0)
      throw notAFeed(`none of its ${this.entries} rows can be read, the first because ${this.warnings[0]!.reason}`);
    const notes: ItemWarning[] = [];
    if (this.skipped.length > 0) {
      const told = this.skipped.slice(0, KEYS_TOLD).join(', ') + (this.skipped.length > KEYS_TOLD ? ', ..' : '');
      notes.push({ item: 'document', reason: `${this.skipped.length} without a price: ${told}` });
    }
    return {
      quotes: this.barBefore
        ? [...this.latest.values()].map((quote) => this.withClose(quote))
        : [...this.latest.values()],
      entries: this.entries,
      unreadable: this.warnings.length,
      warnings: [...notes, ...this.warnings],
    };
  }

  /** @returns undefined for a row that says it has no price, or the reason why it is none */
  private quoteOf(row: PricedRow, key: string): DatedQuote | string | undefined {
    if (key === '') return 'no key';
    const written = this.priceTexts(row);
    if (written.some((text) => text !== undefined && this.skip.has(text))) {
      this.skipped.push(`${key} (${written.find((text) => text !== undefined && this.skip.has(text))})`);
      return undefined;
    }
    const price = this.priceOf(row, written);
    if (price === undefined)
      return `the price ${JSON.stringify(written.map((text) => text ?? null).join(', '))} of ${key} is not a decimal number`;
    const time = this.timeOf(row, key);
    if (typeof time === 'string') return time;
    const currency = this.currencyOf(row);
    if (currency !== undefined && !currencyCode.safeParse(currency).success)
      return `the currency ${JSON.stringify(currency)} of ${key} is not a currency code`;
    const kind = this.settings.kind ?? (typeof this.settings.price === 'object' ? 'mid' : undefined);
    const quote: Quote = { broker: this.settings.broker, key, price, asOf: time.at.toISOString() };
    if (kind !== undefined) quote.kind = kind;
    if (currency !== undefined) quote.currency = currency;
    this.addClose(quote, row);
    return { quote, day: time.day };
  }

  private priceTexts(row: PricedRow): (string | undefined)[] {
    const { price } = this.settings;
    const columns = typeof price === 'object' ? price.mid : [price];
    return columns.map((column) => (column === undefined ? this.pick(row, USUAL.price) : row.fields[column])?.trim());
  }

  /** A price as a request takes it: digit for digit, unless it is divided, in the middle, or written with an exponent. */
  private priceOf(row: PricedRow, written: readonly (string | undefined)[]): string | undefined {
    if (written.length === 1 && this.isPlain(written[0])) return written[0];
    const numbers = written.map((text) => this.numberOf(row, text));
    const [bid, ask] = numbers;
    const price =
      numbers.length === 1 ? bid : bid && ask && bid.sign > 0 && ask.sign > 0 ? middleOf(bid, ask) : undefined;
    const text = price?.toString();
    return text !== undefined && decimalString.safeParse(text).success ? text : undefined;
  }

  private numberOf(row: PricedRow, text: string | undefined): Decimal | undefined {
    const number = text === undefined ? undefined : writtenDecimal(text, this.settings.decimalMark);
    const divisor = this.divisorOf(row);
    return number === undefined || divisor === undefined ? number : number.dividedBy(Decimal.of(BigInt(divisor)), 18);
  }

  private divisorOf({ fields }: PricedRow): number | undefined {
    const { when = [], divideBy } = this.settings;
    const fitting = when.find((one) =>
      one.if.every(({ column, is, not }) => {
        const value = fields[column]?.trim() ?? '';
        return is === undefined ? !not!.includes(value) : is.includes(value);
      }),
    );
    return fitting?.divideBy ?? divideBy;
  }

  private timeOf(row: PricedRow, key: string): { at: Date; day: string } | string {
    const { time, timeZone = 'UTC', dateFormat, closesAt } = this.settings;
    const columns = time === undefined ? [] : Array.isArray(time) ? time : [time];
    const text =
      time === undefined
        ? (this.pick(row, USUAL.time) ?? '').trim()
        : columns
            .map((column) => row.fields[column]?.trim() ?? '')
            .join(' ')
            .trim();
    const read = quoteTime(text === '' ? this.now.toISOString() : text, { timeZone, dateFormat, closesAt }, this.now);
    if ('issue' in read) return `${read.issue} (${key})`;
    if (read.at.getTime() > this.now.getTime() + AHEAD_MS)
      return `the time ${JSON.stringify(text)} of ${key} lies in the future`;
    return read;
  }

  private currencyOf(row: PricedRow): string | undefined {
    const { currency, fixedCurrency } = this.settings;
    const own = currency === undefined ? undefined : row.fields[currency]?.trim();
    const code = own === undefined || own === '' ? fixedCurrency : own;
    return code === undefined ? undefined : (SPELLED[code] ?? code);
  }

  /** A close of 0 or of no text is not known. */
  private addClose(quote: Quote, row: PricedRow): void {
    const { previousClose, previousCloseDate, timeZone = 'UTC', dateFormat } = this.settings;
    if (typeof previousClose === 'object') return;
    const text = (
      previousClose === undefined ? this.pick(row, USUAL.previousClose) : row.fields[previousClose]
    )?.trim();
    if (text === undefined) return;
    const plain = this.isPlain(text) && /[1-9]/.test(text);
    const close = plain ? undefined : this.numberOf(row, text);
    const shown = plain ? text : close?.toString();
    if (close?.sign === 0 || !decimalString.safeParse(shown).success) return;
    quote.previousClose = shown;
    const written = previousCloseDate === undefined ? '' : (row.fields[previousCloseDate]?.trim() ?? '');
    const day = written === '' ? undefined : quoteTime(written, { timeZone, dateFormat }, this.now);
    if (day !== undefined && 'day' in day) quote.previousCloseDate = day.day;
  }

  /** A number that is stored as it is written. Nearly every one is. */
  private isPlain(text: string | undefined): text is string {
    const { decimalMark, divideBy, when } = this.settings;
    return (
      text !== undefined && decimalMark !== ',' && divideBy === undefined && when === undefined && PLAIN.test(text)
    );
  }

  private pick({ fields }: PricedRow, names: readonly string[]): string | undefined {
    const columns = this.usual?.get(names) ?? usualColumns(Object.keys(fields), names);
    for (const column of columns) {
      const value = fields[column];
      if (value !== undefined && value !== '') return value;
    }
    return undefined;
  }

  private keepDay(dated: DatedQuote): void {
    const { quote, day } = dated;
    const days = this.days.get(quote.key) ?? new Map<string, DatedQuote>();
    const known = days.get(day);
    if (known === undefined || known.quote.asOf <= quote.asOf) days.set(day, dated);
    this.days.set(quote.key, days);
  }

  /** The quote as it is posted, with the close of the newest day before its own. */
  private withClose(quote: Quote): Quote {
    const days = [...(this.days.get(quote.key)?.values() ?? [])];
    const own = days.find((one) => one.quote === quote);
    const before = days.filter((one) => own !== undefined && one.day < own.day);
    const bar = before.reduce<DatedQuote | undefined>(
      (newest, one) => (newest && newest.day > one.day ? newest : one),
      undefined,
    );
    return bar === undefined ? quote : { ...quote, previousClose: bar.quote.price, previousCloseDate: bar.day };
  }
}

/** Exact, with no more decimals than the prices if that is enough. */
function middleOf(bid: Decimal, ask: Decimal): Decimal {
  const sum = bid.plus(ask);
  const units = sum.units * 5n;
  return units % 10n === 0n ? Decimal.of(units / 10n, sum.scale) : Decimal.of(units, sum.scale + 1);
}

function noColumn(wanted: string, seen: readonly string[]) {
  const told = seen.slice(0, COLUMNS_TOLD).join(', ') + (seen.length > COLUMNS_TOLD ? ', ..' : '');
  return notAFeed(`it lacks ${wanted}; the columns are ${told.slice(0, 400)}`);
}

/** The column of each of the names, case-insensitive, in the order of the names. */
function usualColumns(columns: readonly string[], names: readonly string[]): string[] {
  return names.flatMap((name) => columns.find((one) => one.toLowerCase() === name) ?? []);
}
