import { Decimal, writtenDecimal } from '#decimal';
import { isObject, type ForeignJson, type ForeignObject } from './export-document.js';
import { refuseExport } from './export-reading.js';

/** Texts that brokers write for "nothing". */
const NOTHING = new Set(['', '-', '--', 'N/A', 'n/a', 'NA', 'NaN', 'null']);
/** No amount of a snapshot has more digits before the point. */
const LARGEST = Decimal.of(10n ** 26n);

/** Rows of one kind. Knows which columns were read, so that the others can be told. */
export class ExportTable {
  private readonly seen = new Set<string>();
  private readonly used = new Set<string>();

  /** @param decimalMark how its numbers are written */
  constructor(
    readonly name: string,
    private readonly decimalMark: '.' | ',' = '.',
  ) {}

  /** @param place for messages: `holdings[3]`, `line 12` */
  row(fields: ForeignObject, place: string): ExportRow {
    for (const name of Object.keys(fields)) this.seen.add(name);
    return new ExportRow(fields, place, this.used, this.decimalMark);
  }

  /** @throws ExportRefused if an element is no object */
  rows(values: readonly ForeignJson[] | undefined): ExportRow[] {
    const elements = (values ?? []).flatMap((value) => (Array.isArray(value) ? value : [value]));
    return elements.map((element, index) => {
      const place = `${this.name}[${index}]`;
      if (!isObject(element)) return refuseExport(place, JSON.stringify(element), 'an object');
      return this.row(element, place);
    });
  }

  /** Columns that nothing read, as `table.column`. */
  get unused(): string[] {
    return [...this.seen].filter((name) => !this.used.has(name)).map((name) => `${this.name}.${name}`);
  }
}

/** A row of a document. A method takes the first of its names that has a value. */
export class ExportRow {
  constructor(
    private readonly fields: ForeignObject,
    readonly place: string,
    private readonly used: Set<string>,
    private readonly decimalMark: '.' | ',',
  ) {}

  text(...names: string[]): string | undefined {
    return this.find(names)?.value;
  }

  /** @throws ExportRefused naming the row */
  needText(...names: string[]): string {
    return this.text(...names) ?? refuseExport(`${this.place}.${names[0]}`, undefined, `a ${names.join(' or ')}`);
  }

  /** @throws ExportRefused for a text that is no number */
  amount(...names: string[]): Decimal | undefined {
    const found = this.find(names);
    if (found === undefined) return undefined;
    const { name, value } = found;
    const amount = writtenDecimal(value, this.decimalMark);
    if (amount === undefined || amount.abs().compare(LARGEST) >= 0)
      refuseExport(`${this.place}.${name}`, value, 'a decimal number');
    return amount;
  }

  /** @throws ExportRefused naming the row */
  needAmount(...names: string[]): Decimal {
    return (
      this.amount(...names) ?? refuseExport(`${this.place}.${names[0]}`, undefined, `a number in ${names.join(' or ')}`)
    );
  }

  /** An amount, 0 if the row has none. */
  amountOrZero(...names: string[]): Decimal {
    return this.amount(...names) ?? Decimal.ZERO;
  }

  object(name: string): ExportRow | undefined {
    this.used.add(name);
    const value = Object.hasOwn(this.fields, name) ? this.fields[name] : undefined;
    return isObject(value) ? new ExportRow(value, `${this.place}.${name}`, new Set(), this.decimalMark) : undefined;
  }

  private find(names: readonly string[]): { name: string; value: string } | undefined {
    for (const name of names) this.used.add(name);
    for (const name of names) {
      const value = Object.hasOwn(this.fields, name) ? this.fields[name] : undefined;
      const text = typeof value === 'boolean' ? String(value) : typeof value === 'string' ? value.trim() : '';
      if (!NOTHING.has(text)) return { name, value: text };
    }
    return undefined;
  }
}
