import { z } from 'zod';
import { publishSchemas, publishShape } from '#schemas';
import { MAX_STEPS, pathOf } from './column-path.js';
import { clockProblem, formatProblem } from './expiry-date.js';

/** Maximum number of characters of a mapping as JSON. */
const MAX_MAPPING = 32 * 1024;
/** Maximum number of conditions in `where` and `when` together. */
const MAX_CONDITIONS = 40;
/** Maximum number of values in a list or map of a mapping. */
const MAX_VALUES = 500;

/** Parts of a key that are values of the row as it is stored, not columns of the file. */
const OWN_PARTS: ReadonlySet<string> = new Set(['@exchange', '@segment']);

const columnName = z
  .string({ error: 'the name of a column' })
  .min(1, { error: 'the name of a column' })
  .max(200, { error: 'at most 200 characters' })
  .refine((name) => (pathOf(name)?.length ?? 1) <= MAX_STEPS, { error: `a path of at most ${MAX_STEPS} steps` });
const path = columnName.refine((name) => pathOf(name)?.every((step) => typeof step === 'string') ?? false, {
  error: 'names joined by dots',
});
const text = z.string({ error: 'a text' }).refine((value) => !value.includes('\0'), { error: 'a text without U+0000' });
const cell = text.max(200, { error: 'at most 200 characters' });
const cells = z.array(cell).max(MAX_VALUES, { error: `at most ${MAX_VALUES} texts` });
const prefix = z.string({ error: 'a text' }).min(1, { error: 'a text of 1 to 100 characters' }).max(100);
const powerOfTen = z.literal(
  Array.from({ length: 13 }, (_, zeros) => 10 ** zeros),
  { error: 'a power of ten, from 1 to 1000000000000' },
);

/** A condition on the text of a column. "" is a blank cell. */
export const condition = z
  .strictObject({ column: columnName, is: cells.optional(), not: cells.optional() })
  .refine(({ is, not }) => (is === undefined) !== (not === undefined), { error: 'either "is" or "not"' });
export type RowCondition = z.output<typeof condition>;
publishSchemas({ RowCondition: condition });

/** `column`, or the first of several columns that is not blank. */
const source = {
  column: columnName.optional(),
  first: z.array(columnName).min(1).max(MAX_STEPS).optional(),
  /** Texts that stand for "no value", e.g. "-1". Of a decimal, numbers compare by value: "-1" covers "-1.000000". */
  blank: cells.optional(),
};
const oneSource = ({ column, first }: { column?: unknown; first?: unknown }) =>
  (column === undefined) !== (first === undefined);
const ONE_SOURCE = { error: 'either "column" or "first"' };

const textColumn = named(
  'MappedText',
  z
    .strictObject({
      ...source,
      /** Values by the master's spelling of them. */
      map: z.record(z.string().max(200), cell).optional(),
      /** What happens to a row whose text is not in `map`: the text is kept, or the row is quarantined. */
      others: z.enum(['keep', 'refuse'], { error: '"keep" or "refuse"' }).optional(),
    })
    .refine(oneSource, ONE_SOURCE)
    .refine(({ map, others }) => map !== undefined || others === undefined, { error: '"others" needs a "map"' })
    .refine(({ map = {} }) => Object.keys(map).length <= MAX_VALUES, {
      error: `at most ${MAX_VALUES} values in "map"`,
    }),
);
const decimalColumn = named(
  'MappedDecimal',
  z
    .strictObject({
      ...source,
      /** Divisor of masters that count in hundredths. Exact, because only the decimal point moves. */
      divideBy: powerOfTen.optional(),
      /** Divisors of some rows. The first case whose conditions all hold is used. */
      when: z
        .array(z.strictObject({ if: z.array(condition).min(1), divideBy: powerOfTen }))
        .max(20)
        .optional(),
      /** A second column to multiply with. */
      times: columnName.optional(),
    })
    .refine(oneSource, ONE_SOURCE),
);
const dateColumn = named(
  'MappedDate',
  z
    .strictObject({
      ...source,
      formats: z
        .array(
          z
            .string({ error: 'a date format' })
            .min(1)
            .max(40)
            .superRefine((format, context) => {
              const message = formatProblem(format);
              if (message !== undefined) context.addIssue({ code: 'custom', message });
            }),
        )
        .min(1)
        .max(10)
        .optional(),
      utcOffset: z
        .string()
        .regex(/^[+-]\d\d:\d\d$/, { error: 'an offset such as "+05:30"' })
        .optional(),
      clock: z
        .string()
        .max(64)
        .superRefine((clock, context) => {
          const message = clockProblem(clock);
          if (message !== undefined) context.addIssue({ code: 'custom', message });
        })
        .optional(),
      since: z.iso.date({ error: 'a day, YYYY-MM-DD' }).optional(),
    })
    .refine(oneSource, ONE_SOURCE)
    .refine(({ clock, utcOffset }) => clock === undefined || utcOffset === undefined, {
      error: 'either "clock" or "utcOffset"',
    }),
);
const headerPlace = z
  .strictObject({ line: z.int().min(1).max(1_000).optional(), startsWith: prefix.optional() })
  .refine(({ line, startsWith }) => (line === undefined) !== (startsWith === undefined), {
    error: 'either "line" or "startsWith"',
  });
/** Whether the first line names the columns, or which line does. Without a header the columns are "1", "2" and so on. */
const headerLine = choice(
  'MappingHeader',
  (value) => (typeof value === 'boolean' ? z.boolean() : headerPlace),
  z.union([z.boolean(), headerPlace]),
);
/** Whether the number after the trailer's beginning counts the rows, or the position of the cell that does. */
const trailerCount = choice(
  'MappingTrailerCount',
  (value) =>
    typeof value === 'boolean' ? z.boolean() : z.int({ error: 'true, or the position of a cell' }).min(1).max(500),
  z.union([z.boolean(), z.int().min(1).max(500)]),
);

/**
 * Describes how to read a broker's master: the meaning of its columns. Columns that are neither named nor ignored are
 * kept as text in `attributes`. The built-in mappings use the same form. docs/master-mappings.md explains every word.
 */
export const masterMappingSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z][a-z0-9_-]{0,31}$/, { error: 'a-z, 0-9, _ or -, starting with a letter, at most 32' }),
    format: z.enum(['csv', 'json'], { error: '"csv" or "json"' }).default('csv'),
    encoding: z.enum(['utf-8', 'latin1', 'utf-16'], { error: '"utf-8", "latin1" or "utf-16"' }).optional(),
    /** The member of a ZIP file: a name with * and ?, which fits exactly one. */
    member: prefix.optional(),
    /** Detected in the header if omitted. */
    delimiter: z.enum([',', ';', '\t', '|'], { error: 'one of , ; | and a tab' }).optional(),
    header: headerLine.optional(),
    /** Lines that begin with one of these texts are no rows. */
    skipLines: z.array(prefix).max(10).optional(),
    /** The line that ends the file. A file without it is refused, and one that counts other rows than it has. */
    trailer: z.strictObject({ startsWith: prefix, counts: trailerCount.optional() }).optional(),
    /** Path of the rows in a JSON file: a list, an object of rows by name, or one row. */
    rows: path.optional(),
    /** Path of a value in a JSON file that is not blank if further pages follow. A page delists nothing. */
    page: path.optional(),
    /** Only rows that meet all conditions are contracts. */
    where: z.array(condition).min(1).max(MAX_CONDITIONS).optional(),
    /** Texts that stand for "no value" in every column. */
    blank: cells.optional(),
    decimalMark: z.enum(['.', ','], { error: '"." or ","' }).optional(),
    /** The columns of the broker's key, joined by `keySeparator`. */
    key: z.array(columnName).min(1).max(4),
    keySeparator: text.max(3).default('|'),
    columns: z.strictObject({
      exchange: textColumn.optional(),
      segment: textColumn.optional(),
      tradingsymbol: textColumn,
      name: textColumn.optional(),
      instrumentType: textColumn.optional(),
      optionType: textColumn.optional(),
      underlying: textColumn.optional(),
      isin: textColumn.optional(),
      currency: textColumn.optional(),
      expiry: dateColumn.optional(),
      strike: decimalColumn.optional(),
      tickSize: decimalColumn.optional(),
      lotSize: decimalColumn.optional(),
      multiplier: decimalColumn.optional(),
    }),
    /** Values that the master does not contain, e.g. its only exchange. */
    constants: z
      .strictObject({
        exchange: text.min(1).max(32).optional(),
        segment: text.max(32).optional(),
        instrumentType: text.max(32).optional(),
        currency: text.min(1).max(16).optional(),
        multiplier: z
          .string()
          .regex(/^\d{1,12}(\.\d{1,12})?$/, { error: 'a decimal above 0, as text' })
          .refine((text) => Number(text) > 0, { error: 'a decimal above 0, as text' })
          .optional(),
      })
      .default({}),
    /**
     * Columns that are neither stored nor compared, because they are not properties of the contract. A price is one.
     */
    ignore: z.array(columnName).max(MAX_VALUES).default([]),
  })
  .superRefine((mapping, context) => {
    for (const [message, ...place] of contradictions(mapping as MasterMapping))
      context.addIssue({ code: 'custom', message, path: place });
  });

export type MasterMapping = z.output<typeof masterMappingSchema>;

/** Words that exclude each other, each with its place. */
function contradictions(mapping: MasterMapping): [message: string, ...place: (string | number)[]][] {
  const found: [string, ...(string | number)[]][] = [];
  const { columns, constants, format, header, where = [] } = mapping;
  if (columns.exchange === undefined && constants.exchange === undefined)
    found.push(['columns.exchange or constants.exchange is needed']);
  for (const word of ['rows', 'page'] as const)
    if (format === 'csv' && mapping[word] !== undefined) found.push(['only a mapping of format "json" has it', word]);
  for (const word of ['delimiter', 'header', 'skipLines', 'trailer'] as const)
    if (format === 'json' && mapping[word] !== undefined) found.push(['a mapping of format "json" has none', word]);
  const cases = (['strike', 'tickSize', 'lotSize', 'multiplier'] as const).flatMap((name) => {
    const column = columns[name];
    return typeof column === 'object' ? (column.when ?? []) : [];
  });
  const conditions = where.length + cases.reduce((sum, { if: all }) => sum + all.length, 0);
  if (conditions > MAX_CONDITIONS) found.push([`${conditions} conditions; at most ${MAX_CONDITIONS} are allowed`]);
  if (JSON.stringify(mapping).length > MAX_MAPPING) found.push([`at most ${MAX_MAPPING} characters as JSON`]);
  for (const column of columnsOf(mapping)) {
    if (column === '@key' && format === 'csv') found.push(['"@key" is a column of JSON files only']);
    if (header === false && !/^[1-9]\d{0,2}$/.test(column) && !column.startsWith('@'))
      found.push([`without a header the columns are "1", "2" and so on, not ${JSON.stringify(column)}`]);
  }
  return found;
}

/** Every column that a mapping reads. */
export function columnsOf(mapping: MasterMapping): string[] {
  const names: (string | undefined)[] = [...mapping.key, ...(mapping.where ?? []).map(({ column }) => column)];
  for (const column of Object.values(mapping.columns)) {
    if (column === undefined) continue;
    if (typeof column === 'string') names.push(column);
    else {
      names.push(column.column, ...(column.first ?? []));
      if ('times' in column) names.push(column.times);
      if ('when' in column) for (const { if: all } of column.when ?? []) names.push(...all.map((one) => one.column));
    }
  }
  return [...new Set(names.filter((name) => name !== undefined))].filter((name) => !OWN_PARTS.has(name));
}

/** Columns of this mapping that a header lacks. Of a `first`, one column is enough. */
export function missingColumns(mapping: MasterMapping, has: (column: string) => boolean): string[] {
  const spare = new Set<string>();
  for (const column of Object.values(mapping.columns))
    if (typeof column === 'object' && column.first?.some(has)) column.first.forEach((name) => spare.add(name));
  return columnsOf(mapping).filter((column) => !has(column) && !spare.has(column));
}

/** A column's name, or the object that describes the column. */
function named<T extends z.ZodType>(name: string, object: T) {
  return choice(name, (value) => (typeof value === 'string' ? columnName : object), z.union([columnName, object]));
}

/** One of two forms. Unlike a union it checks the form that was given, so its issues name the place of the mistake. */
function choice<T extends z.ZodType>(
  name: string,
  formOf: (value: unknown) => z.ZodType,
  either: T,
): z.ZodType<z.output<T>, z.input<T>> {
  // Definitions are those of the whole mapping.
  const { $schema: _, $defs: _defs, ...shape } = z.toJSONSchema(either, { io: 'input' });
  const checked = z.unknown().superRefine((value, context) => {
    for (const issue of formOf(value).safeParse(value).error?.issues ?? []) {
      if (issue.code === 'unrecognized_keys')
        for (const key of issue.keys)
          context.addIssue({ code: 'custom', path: [...issue.path, key], message: 'no such word', continue: false });
      else context.addIssue({ code: 'custom', path: [...issue.path], message: issue.message, continue: false });
    }
  });
  const schema = checked.meta(shape);
  publishShape(name, schema, () => either, 'input');
  return schema as unknown as z.ZodType<z.output<T>, z.input<T>>;
}
