import { asText, pathOf, valueAt } from './column-path.js';
import { type BuiltInMaster, builtInMasters } from './built-in-masters.js';
import { type CsvHead, headOf, parseRecords, unpadded } from './csv-layout.js';
import { parsedElement } from './json-records.js';
import { JsonScanner } from './json-scanner.js';
import { columnsOf, type MasterMapping, missingColumns, type RowCondition } from './master-mapping.js';
import { mappingNeeded, severalMappings, wrongHeader } from '../instruments.errors.js';
import { conditionsReader } from './row-columns.js';
import { fitsGlob } from './zip-member.js';

/** The beginning of a master without a mapping. */
interface UnknownMaster {
  broker: string;
  /** The first 72 KiB of its text, more than a header may have. */
  head: string;
  /** Whether `head` is all of it. */
  isWhole: boolean;
  /** The member of a ZIP file that it was. */
  member?: string | undefined;
}

/** Elements of a JSON file that are looked at. Kinds of contracts have different names, and files begin with many of one kind. */
const ELEMENTS = 100;

/** How well a format fits: 0 is not at all. */
interface Fit {
  format: BuiltInMaster;
  columns: number;
  missing: string[];
}

/**
 * Chooses the built-in mapping that fits a file: its columns, and where two formats share them, its first row. A broker
 * with built-in formats only matches those. A file of any other broker may match any format.
 * @throws DomainError INSTRUMENTS_WRONG_HEADER naming the missing columns, or INSTRUMENTS_MAPPING_NEEDED if no JSON format
 * fits, or several formats do
 */
export function detectMaster(given: UnknownMaster): MasterMapping {
  const file = { ...given, head: given.head.replace(/\r\n?/g, '\n') };
  const isJson = /^[\s\uFEFF]*[[{]/.test(file.head);
  const own = formatsOf(file.broker);
  const candidates = own.filter(({ mapping }) => {
    const { member } = mapping;
    return (mapping.format === 'json') === isJson && (member === undefined || fitsMember(file.member, member));
  });
  const elements = new JsonHeads(file.head);
  const fits = candidates.map((format) => (isJson ? jsonFit(format, elements) : csvFit(format, file)));
  const fitting = fits.filter(({ missing }) => missing.length === 0);
  if (fitting.length > 0) {
    // The format with the most columns: the index file of a broker has some of the columns of its other files.
    const most = Math.max(...fitting.map(({ columns }) => columns));
    const [best, ...others] = fitting.filter(({ columns }) => columns === most).map(({ format }) => format.mapping);
    if (others.length > 0) throw severalMappings([best!, ...others].map(({ name }) => name));
    return best!;
  }
  if (isJson) {
    const scanner = new JsonScanner({});
    const [first] = scanner.scan(file.head);
    throw mappingNeeded(file.broker, first === undefined ? scanner.names : Object.keys(parsedElement(first.text, 0)));
  }
  const { header } = headOf(file.head, true, {})!;
  const nearest = fits.reduce<Fit | undefined>(
    (best, fit) => (best === undefined || fit.missing.length < best.missing.length ? fit : best),
    undefined,
  );
  throw wrongHeader(file.broker, nearest?.format.mapping.name ?? 'CSV', nearest?.missing ?? [], header);
}

/** The member of a ZIP file that the only fitting built-in format of a broker reads, or undefined. */
export function detectMember(broker: string, names: readonly string[]): string | undefined {
  const found = formatsOf(broker).flatMap(({ mapping: { member } }) => {
    const fitting = member === undefined ? [] : names.filter((name) => fitsGlob(name, member));
    return fitting.length === 1 ? fitting : [];
  });
  return found.length === 1 ? found[0] : undefined;
}

function formatsOf(broker: string): readonly BuiltInMaster[] {
  const own = builtInMasters(broker);
  // Without a header a file has nothing by which another broker's file could be told from it.
  return own.length > 0 ? own : builtInMasters().filter(({ mapping }) => mapping.header !== false);
}

function fitsMember(member: string | undefined, pattern: string): boolean {
  return member === undefined || fitsGlob(member, pattern);
}

function csvFit(format: BuiltInMaster, { head, isWhole }: UnknownMaster): Fit {
  const { mapping, detect } = format;
  let csv: CsvHead | undefined;
  try {
    csv = headOf(head, isWhole, mapping);
  } catch {
    // A file that breaks a limit by this format's layout may be one of another layout.
  }
  if (csv === undefined) return { format, columns: 0, missing: columnsOf(mapping) };
  const lower = csv.header.map((name) => name.toLowerCase());
  const at = (column: string) => lower.indexOf(column.toLowerCase());
  const has = (column: string) => at(column) >= 0;
  const missing = [...missingColumns(mapping, has), ...(detect.columns ?? []).filter((column) => !has(column))];
  if (detect.width !== undefined && detect.width !== csv.header.length) missing.push(`${detect.width} columns`);
  if (missing.length === 0 && detect.first !== undefined) {
    const line = csv.rest.replace(/^\n+/, '').split('\n', 1)[0]!;
    const row = parseRecords(csv.padded ? unpadded(line, csv.delimiter) : line, csv.delimiter).data[0] ?? [];
    if (!conditionsReader(detect.first, at)(row)) missing.push(...detect.first.map(shownCondition));
  }
  return { format, columns: columnsOf(mapping).length + (detect.columns?.length ?? 0), missing };
}

/** The first elements of a JSON file by the path of its rows. Several formats have the same path. */
class JsonHeads {
  private readonly known = new Map<string, { key: string | undefined; objects: Record<string, unknown>[] }>();

  constructor(private readonly head: string) {}

  at(rows: string | undefined): { key: string | undefined; objects: Record<string, unknown>[] } {
    const path = rows ?? '';
    let found = this.known.get(path);
    if (found === undefined) this.known.set(path, (found = this.read(rows)));
    return found;
  }

  private read(rows: string | undefined): { key: string | undefined; objects: Record<string, unknown>[] } {
    const none = { key: undefined, objects: [] };
    // Most paths have a name that the file lacks. Searching it is faster than reading all names on the way.
    if (rows?.split('.').some((name) => !this.head.includes(`"${name}"`))) return none;
    const scanner = new JsonScanner({ rows });
    try {
      scanner.scan(this.head);
    } catch {
      // Its rows are elsewhere, or it is no JSON from here on. What came before tells the format; the import says where it is broken.
    }
    const elements = scanner.found.slice(0, ELEMENTS);
    const objects: Record<string, unknown>[] = [];
    try {
      for (const { text } of elements) objects.push(parsedElement(text, objects.length));
    } catch (error) {
      if (objects.length === 0) throw error;
    }
    return { key: elements[0]?.key, objects };
  }
}

function jsonFit(format: BuiltInMaster, elements: JsonHeads): Fit {
  const { mapping, detect } = format;
  const { key, objects } = elements.at(mapping.rows);
  const reader = (column: string) => {
    const path = pathOf(column) ?? [column];
    return (object: Record<string, unknown>) =>
      asText(Object.hasOwn(object, column) ? object[column] : valueAt(object, path));
  };
  const has = (column: string) => {
    if (column === '@key') return key !== undefined;
    const cell = reader(column);
    return objects.some((object) => cell(object) !== '');
  };
  const { tradingsymbol } = mapping.columns;
  const symbols =
    typeof tradingsymbol === 'string' ? [tradingsymbol] : [tradingsymbol.column ?? tradingsymbol.first![0]!];
  const needed = [...mapping.key.filter((part) => part !== '@exchange' && part !== '@segment'), ...symbols];
  const missing = [...needed, ...(detect.columns ?? [])].filter((column) => !has(column));
  if (missing.length === 0 && detect.first !== undefined) {
    const columns = detect.first.map(({ column }) => column);
    const row = columns.map((column) => reader(column)(objects[0]!));
    if (!conditionsReader(detect.first, (column) => columns.indexOf(column))(row))
      missing.push(...detect.first.map(shownCondition));
  }
  return { format, columns: missing.length > 0 ? 0 : columnsOf(mapping).filter(has).length, missing };
}

/** A condition of the first row, as a message about missing columns shows it. */
function shownCondition({ column, is, not }: RowCondition): string {
  return is === undefined ? `${column} other than ${not!.join(' or ')}` : `${column} of ${is.join(' or ')}`;
}
