import { EventsModule } from '#events';
import { Database, Transactions } from '#database';
import { Filings, FilingsModule, type FoundFiling, type RegisteredFiling } from '#filings';
import { FilingSummaries, type SummaryStanding } from '../../../libs/filings/summaries/filing-summaries.js';
import { filingsConfig } from '#filings/config';
import { testModule, type TestModule } from '../../setup/test-module.js';
import { type Archive, archive } from './archive.fixture.js';
import { type ModelServer, modelServer } from './model-server.fixture.js';

export const accession = (number: number): string => `0000000001-25-${String(number).padStart(6, '0')}`;

type Limits = Parameters<typeof filingsConfig.with>[0];

/** The summary of a filing as it is stored. `wait`: seconds until the next attempt. */
interface StoredSummary {
  state: string;
  attempts: number;
  reason: string | null;
  wait: number;
  generation: number;
}

/** A desk with a local archive and a local model. */
export interface SummaryDesk {
  desk: TestModule;
  model: ModelServer;
  documents: Archive;
  register(number: number, more?: Partial<FoundFiling>): Promise<RegisteredFiling>;
  ask(number: number): Promise<SummaryStanding>;
  drain(): Promise<void>;
  rows<Row>(sql: string, params?: readonly unknown[]): Promise<Row[]>;
  row(number: number): Promise<StoredSummary | undefined>;
  /** The calls of the model that are counted, in their order. */
  calls(): Promise<{ outcome: string; counted: string | null; cost: string | null }[]>;
  /** Starts another node on the same database. */
  another(env?: Record<string, string>, limits?: Limits): Promise<TestModule>;
  /** Resets filings, budget and model. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

/** @param role role of the process: `web` leaves the queue to the test, `worker` works through it */
export async function summaryDesk(
  env: Record<string, string> = {},
  role: 'web' | 'all' = 'web',
  limits: Limits = {},
): Promise<SummaryDesk> {
  const [model, documents] = await Promise.all([modelServer(), archive()]);
  const environment = {
    DESKWIRE_ROLE: role,
    EGRESS_ALLOW_HOSTS: documents.host,
    EGRESS_CONTACT: 'desk@example.com',
    FILINGS_SUMMARY_PROVIDER: 'gemini',
    FILINGS_SUMMARY_API_KEY: 'k-123',
    FILINGS_SUMMARY_BASE_URL: `${model.origin}/gemini/v1beta`,
    ...env,
  };
  const internals = [filingsConfig.with({ archiveUrl: documents.url, archivePerSecond: 10, ...limits })];
  const desk = await testModule([EventsModule, FilingsModule], { env: environment, internals });
  const database = desk.get(Database);
  const more: TestModule[] = [];
  return {
    desk,
    model,
    documents,
    register: async (number, { ...found } = {}) => {
      const filing = {
        ...{
          accession: accession(number),
          form: '8-K',
          filers: [{ cik: String(number), name: 'Acme' }],
          filedOn: '2025-12-12',
          filedAt: new Date('2025-12-12T21:00:00Z'),
        },
        ...found,
      };
      const [registered] = await desk.get(Transactions).atomic(() => desk.get(Filings).register([filing]));
      return registered!;
    },
    ask: (number) => desk.get(FilingSummaries).ask(accession(number)),
    drain: () => desk.get(FilingSummaries).drain(),
    rows: (sql, params) => database.rows(sql, params),
    row: async (number) => {
      const [row] = await database.rows<StoredSummary>(
        `SELECT state, attempts, reason, generation, round(extract(epoch FROM next_attempt_at - now()))::integer AS wait FROM filing_summaries WHERE accession = $1`,
        [accession(number)],
      );
      return row;
    },
    calls: () =>
      database.rows(
        `SELECT outcome, counted_micros AS counted, cost_micros AS cost FROM filing_summary_calls ORDER BY id`,
      ),
    another: async (overrides = {}, others = {}) => {
      const node = await testModule([EventsModule, FilingsModule], {
        env: { ...environment, ...overrides },
        internals: [...internals, filingsConfig.with(others)],
        database: desk.database,
      });
      more.push(node);
      return node;
    },
    reset: async () => {
      model.behave({ kind: 'answer', text: 'A summary.' });
      model.calls.splice(0);
      documents.requests.splice(0);
      documents.texts.clear();
      Object.assign(documents, { status: 200, onRequest: () => undefined });
      await database.run('TRUNCATE filings, filing_summaries, filing_summary_calls, filing_budget_months CASCADE');
    },
    close: async () => {
      for (const node of more) await node.close();
      await desk.close();
      await Promise.all([model.close(), documents.close()]);
    },
  };
}
