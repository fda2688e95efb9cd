import fc from 'fast-check';
import type { PublishedOperation } from './operations-contract.fixture.js';
import type { OperationRequest, OperationsDesk, Sent } from './operations-desk.fixture.js';
import { mutated, valuesOf } from './schema-values.fixture.js';

interface FuzzRequest extends OperationRequest {
  /** False if the body does not match its published schema. */
  matches: boolean;
}

/** What generated requests met. */
export interface FuzzReport {
  requests: number;
  /** Answers by class, such as `2xx`. */
  classes: Record<string, number>;
  /** Wrong answers, each with its request. */
  failures: string[];
}

const TOGETHER = 4;
const MOST_FAILURES = 20;
/** Requests of an operation that are generated at once. */
const BATCH = 6;
/** Refuses single items of its body, and answers 200 with the reasons. */
const ANSWERS_PER_ITEM = 'portfoliosPostMany';
/** These end the login of their caller. */
const ENDS_LOGIN = new Set(['authChangePassword', 'authLogout', 'ownLoginsEnd', 'ownLoginsEndOthers']);

/** Sends generated requests to every operation in turn until the time is over: valid by the document, and mutated. */
export async function fuzzOperations(desk: OperationsDesk, seed: number, forMs: number): Promise<FuzzReport> {
  const report: FuzzReport = { requests: 0, classes: {}, failures: [] };
  const known = knownPaths(desk);
  const until = performance.now() + forMs;
  const { operations } = desk.contract;
  for (let round = 0; performance.now() < until; round++) {
    const first = seed % operations.length;
    const queue = [...operations.slice(first), ...operations.slice(0, first)].map((operation, at) => {
      const samples = { seed: seed + round * operations.length + at, numRuns: round === 0 ? 2 : BATCH };
      return () => fc.sample(requestsOf(desk, operation, known), samples).map((request) => ({ operation, request }));
    });
    const worker = async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift())
        for (const { operation, request } of next()) {
          if (performance.now() > until && round > 0) return;
          await sendOne(desk, operation, request, known, report);
        }
    };
    await Promise.all(Array.from({ length: TOGETHER }, worker));
  }
  return report;
}

async function sendOne(
  desk: OperationsDesk,
  operation: PublishedOperation,
  request: FuzzRequest,
  known: Map<string, string[]>,
  report: FuzzReport,
): Promise<void> {
  const answer = await desk.ask(operation.id, request);
  const kind = `${Math.floor(answer.status / 100)}xx`;
  report.requests += 1;
  report.classes[kind] = (report.classes[kind] ?? 0) + 1;
  if (kind === '2xx' && ENDS_LOGIN.has(operation.id)) Object.assign(desk.spare, await desk.desk.login('trader'));
  const failures = desk.contract.violations(operation, answer);
  if (answer.status >= 500 && operation.operation['x-rate-class'] !== 'none') failures.push(`status ${answer.status}`);
  if (kind === '2xx' && !request.matches && operation.id !== ANSWERS_PER_ITEM)
    failures.push('accepted a body that its schema refuses');
  const location = answer.headers.get('location');
  if (location !== null) {
    const cut = location.lastIndexOf('/') + 1;
    known.set(location.slice(0, cut), [...(known.get(location.slice(0, cut)) ?? []), location.slice(cut)]);
  }
  if (failures.length === 0 || report.failures.length >= MOST_FAILURES) return;
  const shown = JSON.stringify(request, (key, value: unknown) =>
    key === 'as' && typeof value === 'object' ? 'a login' : value,
  );
  report.failures.push(
    `${operation.id} ${shown.slice(0, 600)}: ${failures.slice(0, 3).join('; ')} ${answer.text.slice(0, 200)}`,
  );
}

/** Ids that exist, by the path before them. */
function knownPaths({ sent, contract }: OperationsDesk): Map<string, string[]> {
  const known = new Map<string, string[]>();
  for (const [id, { request }] of sent)
    for (const [name, value] of Object.entries(request.path ?? {})) {
      const [before] = contract.of(id).path.split(`{${name}}`);
      known.set(before!, [...new Set([...(known.get(before!) ?? []), value])]);
    }
  return known;
}

function requestsOf(
  desk: OperationsDesk,
  { id, path, method, operation }: PublishedOperation,
  known: ReadonlyMap<string, string[]>,
): fc.Arbitrary<FuzzRequest> {
  const resolve = (reference: string) =>
    reference
      .slice(2)
      .split('/')
      .reduce((at, key) => at[key], desk.contract.api);
  const parameters = ((operation.parameters ?? []) as any[]).map(({ schema, content, ...rest }) => ({
    ...rest,
    schema: schema ?? content['application/json'].schema,
  })) as { name: string; in: string; required?: boolean; explode?: boolean; schema: object }[];
  const values = (place: string) => parameters.filter((one) => one.in === place);
  const pathValues = fc.record(
    Object.fromEntries(
      values('path').map(({ name, schema }) => {
        // The first one stays, for the operations that need it.
        const existing = (known.get(path.split(`{${name}}`)[0]!) ?? []).slice(method === 'DELETE' ? 1 : 0);
        const made = valuesOf(schema, resolve).map(String);
        return [
          name,
          existing.length === 0 ? made : fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...existing) }, made),
        ];
      }),
    ),
  );
  const query = fc.record(
    Object.fromEntries(
      values('query').map(({ name, schema, explode }) => [
        name,
        valuesOf(schema, resolve).map((value) => {
          const text = asQuery(value);
          return explode === false && Array.isArray(text) ? text.join(',') : text;
        }),
      ]),
    ),
    { requiredKeys: values('query').flatMap(({ name, required }) => (required ? [name] : [])) as never[] },
  ) as fc.Arbitrary<Record<string, string | string[]>>;
  const [type] = Object.keys(operation.requestBody?.content ?? {});
  const media = type === undefined ? undefined : operation.requestBody.content[type];
  const body = media === undefined ? fc.constant(undefined) : valuesOf(media.schema, resolve);
  const as = fc.constant<FuzzRequest['as']>(ENDS_LOGIN.has(id) ? desk.spare : 'admin');
  const valid: fc.Arbitrary<FuzzRequest> = fc
    .record({ path: pathValues, query, body, as })
    .map((request): FuzzRequest => ({
      ...request,
      ...(type !== undefined && type !== 'application/json' && { type }),
      matches: true,
    }));
  const isJson = type === 'application/json';
  const example = desk.sent.get(id)?.request;
  const near = example === undefined ? valid : fc.tuple(valid, fc.nat()).map(([made, at]) => nearTo(example, made, at));
  const likely = fc.oneof({ weight: 3, arbitrary: near }, { weight: 1, arbitrary: valid });
  const wrongBody = likely.chain((request) =>
    request.body === undefined
      ? fc.constant(request)
      : mutated(request.body).map((other) => ({
          ...request,
          body: other === undefined ? null : other,
          matches:
            !isJson || desk.contract.mismatches(media.schema, JSON.parse(JSON.stringify(other ?? null))).length === 0,
        })),
  );
  const wrongQuery = likely.chain((request) =>
    mutated(request.query).map((other) => ({ ...request, query: queryOf(other) })),
  );
  const wrongPath = likely.chain((request) =>
    fc
      .constantFrom('x', '0', '%00', '../..', 'é', 'a'.repeat(600), '00000000-0000-0000-0000-000000000000')
      .map((text) => ({
        ...request,
        path: Object.fromEntries(Object.keys(request.path ?? {}).map((name) => [name, text])),
      })),
  );
  const wrongHeaders = fc.record({
    as: fc.constantFrom('viewer' as const, 'nobody' as const, { token: 'no.such.token' }),
    headers: fc.constantFrom<Record<string, string>>(
      {},
      { 'idempotency-key': 'x y' },
      { 'if-none-match': '*' },
      { accept: 'text/csv' },
    ),
  });
  const wrongCaller = fc.tuple(likely, wrongHeaders).map(([request, wrong]) => ({ ...request, ...wrong }));
  const wrongType = likely.map((request) => ({
    ...request,
    ...(request.body !== undefined && { type: 'text/plain', body: '{"x": ' }),
    matches: request.body === undefined || !isJson,
  }));
  return fc.oneof(
    { weight: 6, arbitrary: likely },
    { weight: method === 'GET' || media === undefined ? 0 : 4, arbitrary: wrongBody },
    { weight: 2, arbitrary: wrongQuery },
    { weight: values('path').length > 0 ? 1 : 0, arbitrary: wrongPath },
    { weight: 1, arbitrary: wrongCaller },
    { weight: media === undefined ? 0 : 1, arbitrary: wrongType },
  );
}

/** The request of an example with one part from a generated request: most generated requests fail at their first rule. */
function nearTo(example: Sent['request'], made: FuzzRequest, at: number): FuzzRequest {
  const body =
    made.body === undefined || example.body === undefined ? made.body : replaced(example.body, made.body, at);
  const query = replaced(example.query ?? {}, made.query ?? {}, at) as FuzzRequest['query'];
  const type = typeof body === 'string' ? example.type : undefined;
  return { ...made, ...(query && { query }), body, ...(type !== undefined && { type }) };
}

function replaced(example: unknown, made: unknown, at: number): unknown {
  if (typeof example !== 'object' || typeof made !== 'object' || example === null || made === null) return example;
  const names = Object.keys(made);
  if (names.length === 0 || at % 3 === 0) return example;
  const name = names[at % names.length]!;
  return { ...example, [name]: (made as Record<string, unknown>)[name] };
}

function asQuery(value: unknown): string | string[] {
  return Array.isArray(value) ? value.map(asText) : asText(value);
}

/** A generated object may have a `toString` that is no function. */
const asText = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));

function queryOf(value: unknown): Record<string, string | string[]> {
  if (typeof value !== 'object' || value === null) return { x: asQuery(value) };
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, asQuery(one)]));
}
