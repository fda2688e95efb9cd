import { startTestApp } from '../setup/test-app.js';

type Json = Record<string, any>;
const COMPONENTS = '#/components/schemas/';
const NOTES = new Set(['title', 'description', 'default', 'examples', 'example']);
/** Keywords whose value is a schema, a list of schemas, or schemas by name. */
const ONE = ['items', 'additionalProperties', 'propertyNames', 'contentSchema', 'not', 'schema', 'payload'];
const LISTS = ['anyOf', 'oneOf', 'allOf', 'prefixItems'];

interface Found {
  at: string;
  schema: Json;
}

describe('the schemas of the published documents', () => {
  const documents: Record<string, Json> = {};

  beforeAll(async () => {
    const desk = await startTestApp();
    for (const name of ['openapi', 'asyncapi']) documents[name] = (await desk.request('GET', `/${name}.json`)).body;
    await desk.close();
  });

  /** Every schema of a document. Problems are left out: each operation lists its own codes. */
  function schemasIn(document: Json): Found[] {
    const found: Found[] = [];
    const schema = (given: unknown, at: string): void => {
      if (typeof given !== 'object' || given === null) return;
      const node = given as Json;
      found.push({ at, schema: node });
      for (const key of ONE) if (node[key] !== undefined) schema(node[key], `${at}/${key}`);
      for (const key of LISTS) for (const [n, each] of (node[key] ?? []).entries()) schema(each, `${at}/${key}/${n}`);
      for (const [name, each] of Object.entries(node['properties'] ?? {})) schema(each, `${at}/properties/${name}`);
    };
    const search = (node: unknown, at: string): void => {
      if (typeof node !== 'object' || node === null || at.endsWith('application/problem+json')) return;
      for (const [key, value] of Object.entries(node)) {
        if (['schema', 'payload', 'x-acknowledgement'].includes(key)) schema(value, `${at}/${key}`);
        else if (at === '/components' && key === 'schemas')
          for (const [name, each] of Object.entries(value as Json)) schema(each, `${at}/${key}/${name}`);
        else search(value, `${at}/${key}`);
      }
    };
    search(document, '');
    return found;
  }

  function textOf(schema: Json): string {
    const rest = Object.entries(schema).filter(([key]) => !NOTES.has(key));
    return JSON.stringify(Object.fromEntries(rest.sort(([one], [other]) => (one < other ? -1 : 1))));
  }

  /** Suites share modules, so the documents may have event types that another suite declared. */
  const isOfSpec = ({ at }: Found) => /^\/components\/schemas\/Spec[A-Z]/.test(at);
  const isComponent = ({ at }: Found) => /^\/components\/schemas\/[^/]+$/.test(at);
  /** Whether a schema says enough to deserve a name: an object of several members, or an enumeration. */
  const hasName = ({ schema }: Found) =>
    Object.keys(schema['properties'] ?? {}).length > 1 ||
    schema['enum']?.filter((value: unknown) => typeof value === 'string').length > 2;

  describe.each(['openapi', 'asyncapi'])('of /%s.json', (name) => {
    it(`no schema of /${name}.json is untyped but \`Json\``, () => {
      const untyped = schemasIn(documents[name]!).filter((found) => textOf(found.schema) === '{}' && !isOfSpec(found));
      expect(untyped.map(({ at }) => at)).toEqual(['/components/schemas/Json']);
    });

    it(`no schema of /${name}.json is a copy of a component or of another schema`, () => {
      const byText = Map.groupBy(
        schemasIn(documents[name]!).filter((found) => hasName(found) && !isOfSpec(found)),
        ({ schema }) => textOf(schema),
      );
      const copies = [...byText.values()].filter(
        (each) => each.filter((one) => !isComponent(one)).length > 0 && each.length > 1,
      );
      expect(copies.map((each) => each.map(({ at }) => at))).toEqual([]);
    });

    it(`something refers to every component of /${name}.json, and every reference leads to one`, () => {
      const used = new Set(JSON.stringify(documents[name]).match(/"#\/components\/schemas\/[^"]+"/g));
      const referred = [...used].map((reference) => (JSON.parse(reference) as string).slice(COMPONENTS.length));
      expect(referred.sort()).toEqual(Object.keys(documents[name]!['components'].schemas).sort());
      expect(referred.length).toBeGreaterThan(50);
    });
  });

  it('only data of callers, brokers and other versions is any JSON', () => {
    const places = Object.values(documents).flatMap((document) =>
      schemasIn(document).filter(({ schema }) => /\/Json(Object)?$/.test(schema['$ref'] ?? '')),
    );
    const names = places.map(({ at }) =>
      at.replace(/^\/components\/schemas\/|\/(properties|anyOf|items|oneOf)\b|\/\d+/g, ''),
    );
    expect([...new Set(names)].sort()).toEqual([
      ...['AuditRecord/after', 'AuditRecord/before', 'CataloguePanel/parameters', 'GenericMessage/event/payload'],
      ...['Health/checks/additionalProperties/additionalProperties', 'JsonObject/additionalProperties'],
      ...['NewSession/details/additionalProperties', 'PatchOperation/value', 'SavedSession/details'],
      ...['SecurityActRecordedPayload/after', 'SecurityActRecordedPayload/before', 'Session/details'],
      ...['StartupState/steps', 'TrialEvent/payload'],
    ]);
  });

  it('a component has the same content in both documents', () => {
    const [rest, live] = [documents['openapi']!['components'].schemas, documents['asyncapi']!['components'].schemas];
    const both = Object.keys(live).filter((name) => rest[name] !== undefined);
    expect(both.length).toBeGreaterThan(30);
    for (const name of both) expect([name, live[name]]).toEqual([name, rest[name]]);
  });

  it('every body of a request and every answer of an object is a component', () => {
    const inline = schemasIn(documents['openapi']!).filter(
      ({ at, schema }) => at.endsWith('application/json/schema') && schema['type'] === 'object',
    );
    expect(inline.map(({ at }) => at)).toEqual([]);
  });

  it('panels, events, conditions, quiet hours and error codes are published with their types', () => {
    const { schemas } = documents['openapi']!['components'];
    expect(schemas.DashboardPanels.properties.alerts.anyOf).toEqual([
      { $ref: `${COMPONENTS}AlertsPanel` },
      { $ref: `${COMPONENTS}AlertsPanelWindow` },
    ]);
    const types = schemas.Event.oneOf.map(({ properties }: Json) => properties.type.const);
    expect(types).toEqual(expect.arrayContaining(['NewsPublished', 'SessionExpired', 'WebhookDisabled']));
    expect(schemas.AlertRule.properties.condition).toEqual({ $ref: `${COMPONENTS}Condition` });
    expect(JSON.stringify(schemas.AlertRule.properties.quietHours)).toContain(`${COMPONENTS}QuietHours`);
    expect(schemas.ConditionTest.oneOf.length).toBeGreaterThan(10);
    expect(schemas.ErrorCode.enum).toEqual(expect.arrayContaining(['REQUEST_INVALID', 'ALERTS_RULE_NOT_FOUND']));
    expect(schemas.Problem.properties.code.$ref).toBe(`${COMPONENTS}ErrorCode`);
  });
});
