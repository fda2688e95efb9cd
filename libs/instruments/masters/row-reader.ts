import { Decimal } from '#decimal';
import { columnsOf, type MasterMapping, missingColumns } from './master-mapping.js';
import { fileLimit, wrongHeader } from '../instruments.errors.js';
import {
  type CellReader,
  conditionsReader,
  dateReader,
  decimalReader,
  type ColumnPlace,
  textReader,
} from './row-columns.js';

/** A problem or a remark about a row. */
export interface RowIssue {
  field: string | null;
  reason: string;
}

/**
 * A parsed row. `copy` is its line for COPY from the key on. A quarantined row still has its key if that could be read.
 */
export interface RowRead {
  copy?: string;
  key?: string;
  exchange?: string;
  symbol?: string;
  quarantined?: RowIssue;
  warning?: RowIssue;
  /** The row is left out by the mapping's `where`. */
  filtered?: boolean;
}

const ESCAPED = /[\\\t\n\r]/;
const JSON_ESCAPED = /["\\\u0000-\u001f]/;
const MAX_TEXT = 500;
/** Maximum characters of a field that is kept as an attribute or ignored. */
const MAX_FIELD = 10_000;
/** Maximum number of exchanges in a master. Real ones name some ten. All are kept in memory and with the import. */
const MAX_EXCHANGES = 1_000;

/** Texts with a column of their own, each with its maximum length. */
const TEXTS = [
  ['segment', 64],
  ['instrumentType', 64],
] as const;
/** Texts that are stored as attributes under these names, whatever the master calls them. */
const NAMED_ATTRIBUTES = [
  ['optionType', 16],
  ['underlying', MAX_TEXT],
  ['isin', 32],
  ['currency', 16],
] as const;
const DECIMALS = [
  ['strike', 'any'],
  ['tickSize', 'from 0'],
  ['lotSize', 'from 0'],
] as const;

/**
 * Reads the rows of one master by its mapping. Compiled once per header, because it runs once per row: 35,000 rows take
 * some 50 ms.
 * @throws DomainError INSTRUMENTS_WRONG_HEADER
 */
export class RowReader {
  /** Exchanges of the good rows. An import may only delist contracts of these exchanges. */
  readonly exchanges = new Set<string>();
  private readonly width: number;
  private readonly key: CellReader[];
  private readonly exchange: CellReader;
  private readonly symbol: CellReader;
  private readonly name: CellReader;
  private readonly texts: { name: string; read: CellReader; most: number }[];
  private readonly values: CellReader[];
  private readonly named: { name: string; read: CellReader; most: number; prefix: string }[];
  private readonly passes: ((row: readonly string[]) => boolean) | undefined;
  private readonly blank: ReadonlySet<string>;
  private readonly stored: ReadonlySet<number>;
  private attributes: { index: number; prefix: string }[] = [];
  private known = 0;

  constructor(
    private readonly mapping: MasterMapping,
    broker: string,
    private readonly header: readonly string[],
  ) {
    const lower = header.map((column) => column.toLowerCase());
    const at = (column: string) => {
      const exact = header.indexOf(column);
      return exact < 0 ? lower.indexOf(column.toLowerCase()) : exact;
    };
    const missing = missingColumns(mapping, (column) => at(column) >= 0);
    if (missing.length > 0) throw wrongHeader(broker, mapping.name, missing, header);
    const { columns, constants, decimalMark } = mapping;
    const text = (column: MasterMapping['columns']['name'], constant?: string): CellReader =>
      column === undefined ? () => constant || undefined : textReader(column, at);
    this.width = mapping.format === 'json' ? 0 : header.length;
    this.exchange = text(columns.exchange, constants.exchange);
    this.symbol = text(columns.tradingsymbol);
    this.name = text(columns.name);
    this.texts = TEXTS.map(([name, most]) => ({ name, most, read: text(columns[name], constants[name]) }));
    const segment = this.texts[0]!.read;
    this.key = mapping.key.map((part) =>
      part === '@exchange' ? this.exchange : part === '@segment' ? segment : textReader(part, at),
    );
    const decimals = DECIMALS.map(([name, range]): CellReader => {
      const column = columns[name];
      return column === undefined ? () => undefined : decimalReader(column, at, range, decimalMark);
    });
    const expiry: CellReader = columns.expiry === undefined ? () => undefined : dateReader(columns.expiry, at);
    this.values = [expiry, ...decimals];
    const named = NAMED_ATTRIBUTES.map(([name, most]): { name: string; most: number; read: CellReader | undefined } => {
      const constant = name === 'currency' ? constants.currency : undefined;
      return { name, most, read: columns[name] || constant ? text(columns[name], constant) : undefined };
    });
    named.push({ name: 'multiplier', most: MAX_TEXT, read: multiplierReader(mapping, at) });
    this.named = named.flatMap(({ read, ...attribute }) =>
      read === undefined ? [] : [{ ...attribute, read, prefix: `${JSON.stringify(attribute.name)}:` }],
    );
    this.passes = mapping.where && conditionsReader(mapping.where, at);
    this.blank = new Set(mapping.blank);
    this.stored = new Set([...storedColumns(mapping), ...mapping.ignore].map(at));
  }

  read(given: readonly string[]): RowRead {
    if (given.length < this.width)
      return this.bad(given, null, `${given.length} columns where the header has ${this.width}`);
    if (this.width > 0 && given.length > this.width && given.slice(this.width).some((extra) => extra !== ''))
      return this.bad(given, null, `${given.length} columns where the header has ${this.width}`);
    const row = this.blank.size === 0 ? given : given.map((text) => (this.blank.has(text.trim()) ? '' : text));
    if (this.passes !== undefined && !this.passes(row)) return { filtered: true };
    const exchange = this.exchange(row);
    if (typeof exchange === 'object') return this.bad(row, exchange.field, exchange.reason);
    if (exchange === undefined || exchange.length > 32)
      return this.bad(row, this.fieldOf('exchange'), 'the exchange is blank or longer than 32 characters');
    const key = this.keyOf(row);
    if (key === undefined) return this.bad(row, this.mapping.key.join('+'), 'the key is blank');
    if (key.length > 200) return this.bad(row, this.mapping.key.join('+'), 'the key is longer than 200 characters');
    const read = this.symbolOf(row);
    if ('reason' in read) return this.bad(row, read.field, read.reason);
    const texts: string[] = [];
    for (const { name, read: reader, most } of this.texts) {
      const cell = reader(row);
      if (typeof cell === 'object') return this.bad(row, cell.field, cell.reason);
      if (cell === undefined) texts.push('\\N');
      else if (cell.length > most) return this.bad(row, this.fieldOf(name), `longer than ${most} characters`);
      else texts.push(escaped(cell));
    }
    const values: string[] = [];
    for (const reader of this.values) {
      const cell = reader(row);
      if (typeof cell === 'object') return this.bad(row, cell.field, cell.reason);
      values.push(cell ?? '\\N');
    }
    let named = '';
    for (const { name, read: reader, most, prefix } of this.named) {
      const cell = reader(row);
      if (typeof cell === 'object') return this.bad(row, cell.field, cell.reason);
      if (cell === undefined) continue;
      if (cell.length > most) return this.bad(row, this.fieldOf(name), `longer than ${most} characters`);
      named += `${named === '' ? '' : ','}${prefix}${quoted(cell)}`;
    }
    const oversized = this.oversized(row);
    if (oversized) return oversized;
    this.addExchange(exchange);
    const { symbol, name, warning } = read;
    const [segment, type] = texts;
    const [expiry, strike, tickSize, lotSize] = values;
    return {
      copy: `${escaped(key)}\t${escaped(exchange)}\t${segment}\t${escaped(symbol)}\t${escaped(name)}\t${expiry}\t${strike}\t${type}\t${tickSize}\t${lotSize}\t${this.attributesOf(row, named)}\n`,
      key,
      exchange,
      symbol,
      warning,
    };
  }

  private symbolOf(row: readonly string[]): { symbol: string; name: string; warning: RowIssue | undefined } | RowIssue {
    const [name, symbol] = [this.name(row), this.symbol(row)];
    if (typeof name === 'object') return name;
    if (typeof symbol === 'object') return symbol;
    const shown = symbol ?? name;
    const field = shown === undefined || symbol === undefined ? this.fieldOf('tradingsymbol') : null;
    if (shown === undefined) return { field, reason: 'both the symbol and the name are blank' };
    if (shown.length > MAX_TEXT || (name?.length ?? 0) > MAX_TEXT)
      return {
        field: this.fieldOf('tradingsymbol'),
        reason: `the symbol or name is longer than ${MAX_TEXT} characters`,
      };
    const warning =
      symbol === undefined ? { field, reason: 'the symbol is blank; the name stands in for it' } : undefined;
    return { symbol: shown, name: name ?? '', warning };
  }

  private oversized(row: readonly string[]): RowRead | undefined {
    for (let index = 0; index < row.length; index++) {
      const field = row[index]!;
      if (field.length > MAX_FIELD)
        return this.bad(row, this.header[index] ?? null, `${field.length} characters where ${MAX_FIELD} are allowed`);
      if (field.includes('\0')) return this.bad(row, null, 'it contains U+0000');
    }
    return undefined;
  }

  private addExchange(exchange: string): void {
    if (this.exchanges.has(exchange)) return;
    if (this.exchanges.size >= MAX_EXCHANGES) throw fileLimit('exchanges', this.exchanges.size + 1, MAX_EXCHANGES);
    // Copied, because a slice would keep the whole text in memory.
    this.exchanges.add(structuredClone(exchange));
  }

  /** A quarantined row still shows that its contract is in the master, so it must not be delisted. */
  private bad(row: readonly string[], field: string | null, reason: string): RowRead {
    const key = this.keyOf(row);
    const usable = key !== undefined && key.length <= 200 && !key.includes('\0');
    return { key: usable ? key : undefined, quarantined: { field, reason } };
  }

  private keyOf(row: readonly string[]): string | undefined {
    let key: string | undefined;
    for (const read of this.key) {
      const cell = read(row);
      if (typeof cell !== 'string') return undefined;
      key = key === undefined ? cell : `${key}${this.mapping.keySeparator}${cell}`;
    }
    return key;
  }

  /** The column that a value of the mapping is read from, as the header spells it. */
  private fieldOf(name: string): string | null {
    const column = this.mapping.columns[name as keyof MasterMapping['columns']];
    const field = typeof column === 'string' ? column : (column?.column ?? column?.first?.[0]);
    return this.header.find((one) => one.toLowerCase() === field?.toLowerCase()) ?? null;
  }

  /** @param named the attributes with names of ours, as JSON without braces */
  private attributesOf(row: readonly string[], named: string): string {
    // A JSON master may have new names in any element.
    for (; this.known < this.header.length; this.known++) {
      const name = this.header[this.known]!;
      const isOther = !this.stored.has(this.known) && !this.mapping.ignore.includes(name);
      if (isOther && !this.named.some((attribute) => attribute.name === name))
        this.attributes.push({ index: this.known, prefix: `${JSON.stringify(nameOf(name))}:` });
    }
    let json = named;
    for (const { index, prefix } of this.attributes) {
      const value = row[index]!;
      if (value === '') continue;
      if (json !== '') json += ',';
      json += prefix + quoted(value);
    }
    return escaped(`{${json}}`);
  }
}

/** Numbers are written alike, because attributes are compared as text: 75.0 is 75. */
function multiplierReader({ columns, constants, decimalMark }: MasterMapping, at: ColumnPlace): CellReader | undefined {
  const { multiplier } = columns;
  if (multiplier === undefined) return constants.multiplier === undefined ? undefined : () => constants.multiplier;
  const read = decimalReader(multiplier, at, 'above 0', decimalMark);
  return (row) => {
    const cell = read(row);
    return typeof cell === 'string' ? Decimal.parse(cell).toShortString() : cell;
  };
}

/** A name as PostgreSQL can store it: without U+0000 and halves of characters, which JSON can express. */
const nameOf = (name: string) => name.replaceAll('\0', '').toWellFormed();

/** A text as JSON. */
function quoted(value: string): string {
  return JSON_ESCAPED.test(value) ? JSON.stringify(value.toWellFormed()) : `"${value}"`;
}

/** The columns whose values are stored under a name of ours. Others are attributes, also those of conditions. */
function storedColumns(mapping: MasterMapping): string[] {
  const named = Object.values(mapping.columns).flatMap((column) =>
    column === undefined ? [] : typeof column === 'string' ? column : (column.column ?? column.first![0]!),
  );
  const known = new Set(columnsOf(mapping));
  return [...mapping.key.filter((part) => known.has(part)), ...named];
}

function escaped(value: string): string {
  if (!ESCAPED.test(value)) return value;
  return value.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
}
