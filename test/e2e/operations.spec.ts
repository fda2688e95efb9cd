import { readFileSync, writeFileSync } from 'node:fs';
import { eventually } from '../setup/eventually.js';
import { sendMarketExamples } from './market-examples.fixture.js';
import { sendDeskExamples } from './operation-examples.fixture.js';
import { fuzzOperations } from './operations-fuzz.fixture.js';
import { OperationsDesk } from './operations-desk.fixture.js';
import { recordedExamples, type RecordedExample, shapeDifferences } from './recorded-examples.fixture.js';

const FILE = 'apps/api/operations/examples.json';

describe('every operation', () => {
  const startedAt = Date.now();
  let desk: OperationsDesk;

  beforeAll(async () => {
    desk = await OperationsDesk.start();
  });
  afterAll(() => desk.close());

  it('the request of each example gets its answer, and each answer matches its document', async () => {
    await sendMarketExamples(desk);
    await sendDeskExamples(desk);
    expect(desk.failures).toEqual([]);
    const now = recordedExamples(desk, startedAt);
    if (process.env['DESKWIRE_WRITE_EXAMPLES'] === 'true') writeFileSync(FILE, `${JSON.stringify(now, null, 1)}\n`);
    const recorded = JSON.parse(readFileSync(FILE, 'utf8')) as Record<string, RecordedExample>;
    // `npm run docs:examples` records them anew.
    expect(shapeDifferences(recorded, now)).toEqual([]);
    expect(desk.contract.operations.map(({ id }) => id).filter((id) => !(id in recorded))).toEqual([]);
  });

  it('the document shows the example of each operation', () => {
    const shown = (content: object | undefined) => Object.values<any>(content ?? {}).some((one) => 'example' in one);
    const without = desk.contract.operations.filter(({ operation }) => {
      const answers = Object.entries<any>(operation.responses).filter(([status]) => /^2/.test(status));
      const sends = operation.requestBody === undefined || shown(operation.requestBody.content);
      return !sends || answers.every(([status, { content }]) => status !== '204' && !shown(content));
    });
    expect(without.map(({ id }) => id)).toEqual([]);
  });

  it('each operation has a description of its own before what its decorators say', () => {
    const bare = desk.contract.operations.filter(({ operation }) => !/^.{10,}\n\n.{10,}/s.test(operation.description));
    expect(bare.map(({ id }) => id)).toEqual([]);
  });

  it('each operation that counts against a limit says in its answer what is left', async () => {
    const silent: string[] = [];
    for (const { id, operation } of desk.contract.operations) {
      const counted = operation['x-rate-class'] !== 'none';
      for (const [status, { headers = {} }] of Object.entries<any>(operation.responses))
        if ('RateLimit' in headers !== counted) silent.push(`${id} ${status}`);
    }
    expect(silent).toEqual([]);
  });

  it('an answer with an ETag is 304 when the client has it, and only those operations say so', async () => {
    const conditional: string[] = [];
    for (const { id, operation } of desk.contract.operations) {
      if (operation.responses['304'] === undefined) continue;
      conditional.push(id);
      // Between the two, the desk may have changed.
      await eventually(async () => {
        const first = await desk.ask(id, {});
        const again = await desk.ask(id, { headers: { 'if-none-match': first.headers.get('etag')! } });
        expect([id, again.status, again.text]).toEqual([id, 304, '']);
        expect(desk.contract.violations(desk.contract.of(id), again)).toEqual([]);
      });
    }
    expect(conditional.sort()).toEqual(['catalogueShow', 'dashboardShow', 'regionsList']);
  });

  it('generated requests, valid and mutated, get only documented answers and no 5xx', async () => {
    const seed = Number(process.env['DESKWIRE_FUZZ_SEED'] ?? Date.now() % 1_000_000);
    const seconds = Number(process.env['DESKWIRE_FUZZ_SECONDS'] ?? 1);
    const { failures, requests, classes } = await fuzzOperations(desk, seed, seconds * 1_000);
    // DESKWIRE_FUZZ_SEED repeats the requests of a failure.
    expect({ seed, failures }).toEqual({ seed, failures: [] });
    expect(requests).toBeGreaterThan(desk.contract.operations.length);
    expect(Object.keys(classes).sort()).toEqual(expect.arrayContaining(['2xx', '4xx']));
  });
});
