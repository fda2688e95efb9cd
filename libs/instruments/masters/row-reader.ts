import { expiryReader } from './expiry-date.js';
import { type MasterMapping, requiredColumns } from './master-mapping.js';
import { fileLimit, wrongHeader } from '../instruments.errors.js';

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
}

/** Up to 26 digits before the point and 30 after it. pandas writes 0.00001 as 1e-05. */
const DECIMAL = /^\+?\d{1,26}(?:\.\d{1,30})?(?:e[+-]?[0-2]?\d)?$/i;

const ESCAPED = /[\\\t\n\r]/;

const JSON_ESCAPED = /["\\\u0000-\u001f]/;
const MAX_TEXT = 500;
/** Maximum characters of a field that is kept as an attribute or ignored. */
const MAX_FIELD = 10_000;
/** Maximum number of exchanges in a master. Real ones name some ten. All are kept in memory and with the import. */
const MAX_EXCHANGES = 1_000;

interface Decimal {
  index: number;
  field: string;
  blank: ReadonlySet<string>;
  shift: string;
}

/**
 * Reads the rows of one master by its mapping. Compiled once per header, because it runs once per row: 35,000 rows take
 * some 50 ms.
 * @throws DomainError INSTRUMENTS_WRONG_HEADER
 */
export class RowReader {
  /** Exchanges of the good rows. An import may only delist contracts of these exchanges. */
  readonly exchanges = new Set<string>();
  private readonly width: number;
  private readonly key: number[];
  private readonly exchange: number;
  private readonly segment: number;
  private readonly symbol: number;
  private readonly name: number;
  private readonly type: number;
  private readonly expiry:
    { index: number; blank: ReadonlySet<string>; read: (text: string) => string | undefined } | undefined;
  private readonly decimals: (Decimal | undefined)[];
  private readonly attributes: { index: number; prefix: string }[];

  constructor(
    private readonly mapping: MasterMapping,
    broker: string,
    private readonly header: readonly string[],
  ) {
    const lower = header.map((column) => column.toLowerCase());
    const at = (column: string | undefined) => (column === undefined ? -1 : lower.indexOf(column.toLowerCase()));
    const missing = requiredColumns(mapping).filter((column) => at(column) < 0);
    if (missing.length > 0) throw wrongHeader(broker, mapping.name, missing, header);
    const { columns } = mapping;
    this.width = header.length;
    this.key = mapping.key.map(at);
    this.exchange = at(columns.exchange);
    this.segment = at(columns.segment);
    this.symbol = at(columns.tradingsymbol);
    this.name = at(columns.name);
    this.type = at(columns.instrumentType);
    const { expiry } = columns;
    if (expiry !== undefined) {
      const given =
        typeof expiry === 'string'
          ? { column: expiry, blank: [], formats: ['YYYY-MM-DD'], utcOffset: '+00:00' }
          : expiry;
      this.expiry = {
        index: at(given.column),
        blank: new Set(given.blank),
        read: expiryReader(given.formats, given.utcOffset),
      };
    }
    this.decimals = (['strike', 'tickSize', 'lotSize'] as const).map((name) => {
      const column = columns[name];
      if (column === undefined) return undefined;
      const given = typeof column === 'string' ? { column, blank: [], divideBy: 1 } : column;
      const zeros = String(given.divideBy).length - 1;
      return {
        index: at(given.column),
        field: given.column,
        blank: new Set(given.blank),
        shift: zeros ? `e-${zeros}` : '',
      };
    });
    const used = new Set([...requiredColumns(mapping), ...mapping.ignore].map(at));
    this.attributes = header.flatMap((column, index) =>
      used.has(index) ? [] : [{ index, prefix: `${JSON.stringify(column)}:` }],
    );
  }

  read(row: readonly string[]): RowRead {
    if (row.length < this.width) return this.bad(row, null, `${row.length} columns where the header has ${this.width}`);
    if (row.length > this.width && row.slice(this.width).some((extra) => extra !== '')) {
      return this.bad(row, null, `${row.length} columns where the header has ${this.width}`);
    }
    const key = this.keyOf(row);
    if (key === undefined) return this.bad(row, this.mapping.key.join('+'), 'the key is blank');
    if (key.length > 200) return this.bad(row, this.mapping.key.join('+'), 'the key is longer than 200 characters');
    const exchange = this.exchange < 0 ? this.mapping.constants.exchange! : row[this.exchange]!.trim();
    if (exchange === '' || exchange.length > 32)
      return this.bad(row, this.header[this.exchange]!, 'the exchange is blank or longer than 32 characters');
    const name = this.name < 0 ? '' : row[this.name]!.trim();
    let symbol = row[this.symbol]!.trim();
    let warning: RowIssue | undefined;
    if (symbol === '') {
      if (name === '') return this.bad(row, this.header[this.symbol]!, 'both the symbol and the name are blank');
      symbol = name;
      warning = { field: this.header[this.symbol]!, reason: 'the symbol is blank; the name stands in for it' };
    }
    if (symbol.length > MAX_TEXT || name.length > MAX_TEXT)
      return this.bad(row, this.header[this.symbol]!, `the symbol or name is longer than ${MAX_TEXT} characters`);
    const segment = this.optional(row, this.segment, this.mapping.constants.segment);
    const type = this.optional(row, this.type, this.mapping.constants.instrumentType);
    if ((segment?.length ?? 0) > 64 || (type?.length ?? 0) > 64)
      return this.bad(row, null, 'the segment or type is longer than 64 characters');
    let expiry = '\\N';
    if (this.expiry) {
      const text = row[this.expiry.index]!.trim();
      if (text !== '' && !this.expiry.blank.has(text)) {
        const day = this.expiry.read(text);
        if (day === undefined) return this.bad(row, this.header[this.expiry.index]!, `not a date: ${shown(text)}`);
        expiry = day;
      }
    }
    const decimals: string[] = [];
    for (const decimal of this.decimals) {
      const text = decimal ? row[decimal.index]!.trim() : '';
      if (!decimal || text === '' || decimal.blank.has(text)) decimals.push('\\N');
      else if (DECIMAL.test(text)) decimals.push(decimal.shift ? shifted(text, decimal.shift) : text);
      else return this.bad(row, decimal.field, `not a number of 0 or more: ${shown(text)}`);
    }
    for (let index = 0; index < row.length; index++) {
      const field = row[index]!;
      if (field.length > MAX_FIELD)
        return this.bad(row, this.header[index] ?? null, `${field.length} characters where ${MAX_FIELD} are allowed`);
      if (field.includes('\0')) return this.bad(row, null, 'it contains U+0000');
    }
    this.addExchange(exchange);
    const attributes = this.attributesOf(row);
    return {
      copy: `${text(key)}\t${text(exchange)}\t${segment ? text(segment) : '\\N'}\t${text(symbol)}\t${text(name)}\t${expiry}\t${decimals[0]}\t${type ? text(type) : '\\N'}\t${decimals[1]}\t${decimals[2]}\t${attributes}\n`,
      key,
      exchange,
      symbol,
      warning,
    };
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
    if (this.key.length === 1) return row[this.key[0]!]?.trim() || undefined;
    const parts = this.key.map((index) => row[index]?.trim() ?? '');
    return parts.every((part) => part !== '') ? parts.join(this.mapping.keySeparator) : undefined;
  }

  private optional(row: readonly string[], index: number, constant: string | undefined): string | undefined {
    return (index < 0 ? constant : row[index]!.trim()) || undefined;
  }

  private attributesOf(row: readonly string[]): string {
    let json = '{';
    for (const { index, prefix } of this.attributes) {
      const value = row[index]!;
      if (value === '') continue;
      if (json !== '{') json += ',';
      json += JSON_ESCAPED.test(value) ? prefix + JSON.stringify(value) : `${prefix}"${value}"`;
    }
    return text(`${json}}`);
  }
}

function text(value: string): string {
  if (!ESCAPED.test(value)) return value;
  return value.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
}

function shifted(decimal: string, shift: string): string {
  const [digits, exponent] = decimal.toLowerCase().split('e');
  return `${digits}e${Number(exponent ?? 0) + Number(shift.slice(1))}`;
}

const shown = (value: string) => JSON.stringify(value.slice(0, 60));
