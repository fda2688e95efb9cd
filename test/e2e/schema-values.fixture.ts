import fc from 'fast-check';

type Schema = Record<string, any>;
/** Finds a component. `seen` are those around the schema. */
type Resolve = ((reference: string) => Schema) & { seen?: string[] };

const DEEPEST = 4;

/** Values of the formats, for which their patterns are too wide. */
const FORMATS: Record<string, () => fc.Arbitrary<string>> = {
  uuid: () => fc.uuid(),
  'date-time': () =>
    fc
      .date({ min: new Date('1971-01-01T00:00:00Z'), max: new Date('2199-12-31T00:00:00Z'), noInvalidDate: true })
      .map((date) => date.toISOString()),
  date: () =>
    fc
      .date({ min: new Date('1971-01-01T00:00:00Z'), max: new Date('2199-12-31T00:00:00Z'), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10)),
  email: () => fc.stringMatching(/^[a-z]{3,12}$/).map((name) => `${name}@fuzz.example`),
  uri: () => fc.constantFrom('https://192.0.2.1/in', 'https://example.invalid/'),
};

/** Values that match a JSON Schema of the document. */
export function valuesOf(schema: Schema, resolve: Resolve, depth = 0): fc.Arbitrary<unknown> {
  const reference: string | undefined = schema['$ref'];
  if (reference !== undefined) {
    const within: Resolve = Object.assign((other: string) => resolve(other), {
      seen: [...(resolve.seen ?? []), `"${reference}"`],
    });
    return valuesOf(resolve(reference), within, depth + 1);
  }
  if ('const' in schema) return fc.constant(schema['const']);
  if (schema['enum'] !== undefined) return fc.constantFrom(...schema['enum']);
  const choices = schema['anyOf'] ?? schema['oneOf'];
  if (choices !== undefined) {
    const isRecursive = (one: Schema) => resolve.seen?.some((seen) => JSON.stringify(one).includes(seen)) ?? false;
    const shallow = depth > DEEPEST ? [choices.find((one: Schema) => !isRecursive(one)) ?? choices[0]] : choices;
    return fc.oneof(...shallow.map((one: Schema) => valuesOf(one, resolve, depth + 1)));
  }
  if (schema['allOf'] !== undefined)
    return fc
      .tuple(...schema['allOf'].map((one: Schema) => valuesOf(one, resolve, depth + 1)))
      .map((parts) => Object.assign({}, ...parts));
  const types = [schema['type']].flat();
  return fc.oneof(...types.map((type: string | undefined) => ofType(type, schema, resolve, depth)));
}

function ofType(type: string | undefined, schema: Schema, resolve: Resolve, depth: number): fc.Arbitrary<unknown> {
  switch (type) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({ min: atLeast(schema, 1), max: atMost(schema, 1) });
    case 'number':
      return fc.double({ min: atLeast(schema, 0.01), max: atMost(schema, 0.01), noNaN: true });
    case 'string':
      return strings(schema);
    case 'array':
      return lists(schema, resolve, depth);
    case 'object':
      return objects(schema, resolve, depth);
    default:
      return fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.dictionary(fc.string(), fc.string()));
  }
}

function atLeast({ minimum, exclusiveMinimum }: Schema, step: number): number {
  return Math.max(minimum ?? -1_000_000, exclusiveMinimum === undefined ? -1_000_000 : exclusiveMinimum + step);
}

function atMost({ maximum, exclusiveMaximum }: Schema, step: number): number {
  return Math.min(maximum ?? 1_000_000, exclusiveMaximum === undefined ? 1_000_000 : exclusiveMaximum - step);
}

function strings({ format, pattern, minLength = 0, maxLength = 60 }: Schema): fc.Arbitrary<string> {
  const known = FORMATS[format];
  if (known !== undefined) return known();
  const fits = (text: string) => text.length >= minLength && text.length <= maxLength;
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern, 'u')).filter(fits);
  return fc.string({ unit: 'grapheme', minLength, maxLength: Math.min(maxLength, minLength + 40) });
}

function lists({ items = {}, prefixItems, minItems = 0, maxItems = 3 }: Schema, resolve: Resolve, depth: number) {
  if (prefixItems !== undefined)
    return fc.tuple(...prefixItems.map((item: Schema) => valuesOf(item, resolve, depth + 1)));
  const most = depth > DEEPEST ? minItems : Math.max(minItems, Math.min(maxItems, 3));
  return fc.array(valuesOf(items, resolve, depth + 1), { minLength: minItems, maxLength: most });
}

function objects(schema: Schema, resolve: Resolve, depth: number): fc.Arbitrary<unknown> {
  const { properties = {}, required = [], additionalProperties, propertyNames } = schema;
  const wanted = Object.entries<Schema>(properties).filter(([name]) => depth <= DEEPEST || required.includes(name));
  const known = fc.record(Object.fromEntries(wanted.map(([name, one]) => [name, valuesOf(one, resolve, depth + 1)])), {
    requiredKeys: required.filter((name: string) => name in properties),
  });
  if (typeof additionalProperties !== 'object') return known;
  const names =
    propertyNames === undefined ? fc.stringMatching(/^[a-z]{1,8}$/) : valuesOf(propertyNames, resolve, depth + 1);
  const more = fc.dictionary(names as fc.Arbitrary<string>, valuesOf(additionalProperties, resolve, depth + 1), {
    maxKeys: 3,
  });
  return fc.tuple(more, known).map((parts) => Object.assign({}, ...parts));
}

/** Values that nobody expects. */
const STRANGE: readonly unknown[] = [
  ...[null, true, -1, 0, 1.5, 1e308, Number.MAX_SAFE_INTEGER, '', ' ', 'null', '0', '-0', 'NaN', [], {}, [[]]],
  ...['\u0000', '\ud800', '\u202e', '../../etc/passwd', "' OR 1=1 --", '<script>', '%00', 'é'.repeat(5_000)],
  ...['9999-12-31T23:59:59.999999999Z', '0000-01-01T00:00:00Z', '2026-02-30', '00000000-0000-0000-0000-000000000000'],
  { __proto__: null, constructor: { prototype: {} } },
  Array.from({ length: 600 }, () => 'x'),
];

/** A value with one part exchanged, removed or added. */
export function mutated(value: unknown): fc.Arbitrary<unknown> {
  const strange = fc.constantFrom(...STRANGE);
  if (Array.isArray(value) && value.length > 0)
    return fc.oneof(
      strange,
      fc.nat(value.length - 1).chain((at) => mutated(value[at]).map((other) => value.with(at, other))),
    );
  if (typeof value !== 'object' || value === null) return strange;
  const names = Object.keys(value);
  const added = fc.tuple(fc.constantFrom('x', '__proto__', 'id', ''), strange);
  const more = added.map(([name, other]) => ({ ...value, [name]: other }));
  if (names.length === 0) return more;
  const chosen = fc.constantFrom(...names);
  return fc.oneof(
    strange,
    more,
    chosen.map((name) => Object.fromEntries(Object.entries(value).filter(([key]) => key !== name))),
    chosen.chain((name) => mutated((value as Schema)[name]).map((other) => ({ ...value, [name]: other }))),
  );
}
