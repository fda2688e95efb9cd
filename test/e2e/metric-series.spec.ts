import { Agent, request } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { BackgroundTasks } from '#background';
import { Database, Transactions } from '#database';
import { DeliveryLanes, DeliveryQueue } from '#deliveries';
import { Policies } from '#resilience';
import { Receiver } from '../integration/deliveries/receiver.fixture.js';
import { signedInTraders } from './many-users.fixture.js';
import { eventually } from '../setup/eventually.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';

const SERIES = 1_500;
/** A series per path alone would be too many. */
const PATHS = process.env['CHAOS'] === 'true' ? 10_000 : SERIES;
const USERS = 300;
const ENDPOINTS = 1_000;
const FAILING = 15;
const HOSTS = 400;
/** Calls after which a circuit opens. */
const FAILURES = 10;

const AN_ID = '00000000-0000-7000-8000-000000000000';

interface Asked {
  method: string;
  path: string;
  token?: string;
  /** Client address, which the trusted proxy names. */
  address?: string;
}

describe('the number of series', () => {
  let desk: TestApp;
  let receiver: Receiver;
  let users: string[];
  let operator: string;
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });

  beforeAll(async () => {
    receiver = await Receiver.start();
    desk = await startTestApp({
      env: { EGRESS_ALLOW_PRIVATE: 'true', HTTP_TRUST_PROXY: '127.0.0.1', WEBHOOKS_MAX_PER_USER: '100' },
    });
    users = await signedInTraders(desk, USERS);
    ({ token: operator } = await desk.login('operator'));
  });
  afterAll(async () => {
    agent.destroy();
    await desk.close();
    await receiver.stop();
  });

  const { hostname, port } = { hostname: '127.0.0.1', port: () => new URL(desk.url).port };
  const ask = ({ method, path, token, address }: Asked) =>
    new Promise<number>((resolve, reject) => {
      const headers = {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(address === undefined ? {} : { 'x-forwarded-for': address }),
        ...(method === 'GET' || method === 'HEAD' ? {} : { 'content-type': 'application/json', 'content-length': 2 }),
      };
      request({ agent, hostname, port: port(), method, path, headers }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode!));
      })
        .on('error', reject)
        .end('content-length' in headers ? '{}' : undefined);
    });

  /** The series of /metrics by family, the largest first. A histogram is one family. */
  const families = async () => {
    const { body } = await desk.request<string>('GET', '/metrics');
    const counts = new Map<string, number>();
    for (const line of body.split('\n').filter((text) => text !== '' && !text.startsWith('#'))) {
      const name = /^\w+?(?=(_bucket|_sum|_count)?[{ ])/.exec(line)![0];
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    return [...counts].sort(([, a], [, b]) => b - a);
  };

  /** Every method of every route template, with ids of nothing. */
  const routes = (): Asked[] => {
    const fastify: FastifyInstance = desk.app.getHttpAdapter().getInstance();
    const above: string[] = [];
    return [...fastify.printRoutes({ commonPrefix: false }).matchAll(/^([ │]*)[└├]── (\S+) \(([A-Z, ]+)\)$/gm)].flatMap(
      ([, indent, part, methods]) => {
        above.splice(indent!.length / 4, Infinity, part!);
        const path = above.join('').replaceAll(/:\w+/g, AN_ID).replace('*', 'swagger-ui.css');
        return methods!.split(', ').map((method) => ({ method, path }));
      },
    );
  };

  const askAll = async (all: readonly Asked[]) => {
    const left = all.values();
    const statuses = new Map<number, number>();
    const work = async () => {
      for (const one of left) {
        const status = await ask(one);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: 32 }, work));
    return statuses;
  };

  const openBreakers = async () => {
    const { body } = await desk.request('GET', '/v1/system/breakers', { token: operator });
    return (body.items as { name: string; state: string }[]).filter(({ state }) => state === 'open');
  };

  it('every route is asked by nobody, by a user and by an operator', async () => {
    const asked = routes();
    expect(asked.length).toBeGreaterThan(100);
    const byAll = [{}, { token: users[0]! }, { token: operator }].map((who) =>
      asked.map((one) => ({ ...one, ...who })),
    );
    const statuses = await askAll(byAll.flat());
    ({ token: operator } = await desk.login('operator')); // The routes have ended the other login.
    expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 400, 401, 403, 404]));
  });

  it(`${PATHS} paths are asked by ${PATHS} addresses, each with a token of its own or of one of ${USERS} users`, async () => {
    const address = (n: number) => `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`;
    const asked = Array.from({ length: PATHS }, (_, n) => {
      const id = AN_ID.replace(/.{12}$/, String(n).padStart(12, '0'));
      const path = [`/scan/${n}`, `/v1/portfolios/${id}`, `/v1/webhooks/${id}/health`, `/v1/users/${id}?page=${n}`][
        n % 4
      ]!;
      return { method: 'GET', path, token: n % 3 === 0 ? users[n % USERS]! : `token-${n}`, address: address(n) };
    });
    const statuses = await askAll(asked);
    expect([...statuses.keys()].sort()).toEqual([401, 403, 404]);
  });

  it('deliveries to 15 failing endpoints open their circuits, and 1,000 further endpoints have open circuits', async () => {
    const ids: string[] = [];
    for (let n = 0; n < FAILING; n++) {
      receiver.answers.set(String(n), (_receipt, response) => void response.writeHead(500).end());
      const body = { url: `${receiver.url}/${n}`, desk: true };
      const { status, body: made } = await desk.request('POST', '/v1/webhooks', { token: operator, body });
      expect(status).toBe(201);
      ids.push(made.id);
    }
    const database = desk.get(Database);
    await database.rows(
      `WITH added AS (
         INSERT INTO webhook_endpoints (url, format, concurrency)
         SELECT 'https://' || n || '.example', 'generic', 1 FROM generate_series(1, $1::integer) n RETURNING id)
       INSERT INTO delivery_lanes (endpoint_id, channel, format, operator, concurrency, circuit, probe_at)
       SELECT id, 'webhook', 'generic', false, 1, 'open', now() + interval '1 day' FROM added`,
      [ENDPOINTS],
    );
    const messages = Array.from({ length: FAILURES }, (_, n) => `message-${n}`);
    await desk
      .get(Transactions)
      .atomic(() =>
        desk
          .get(DeliveryQueue)
          .enqueue(
            ids.flatMap((endpointId) =>
              messages.map((messageId) => ({ alertId: null, endpointId, messageId, body: '{}' })),
            ),
          ),
      );
    await eventually(async () =>
      expect((await desk.get(DeliveryLanes).find(ids)).every(({ circuit }) => circuit === 'open')).toBe(true),
    );
  });

  it('400 hosts of feeds fail, and GET /v1/system/breakers shows each of their breakers', async () => {
    const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    const policies = Array.from({ length: HOSTS }, (_, n) =>
      desk.get(Policies).policy(`feed:${n}.example`, { retries: 0, concurrency: 0 }),
    );
    const fail = async (hosts: typeof policies) => {
      for (const host of hosts)
        for (let n = 0; n < FAILURES; n++) await host.execute(() => Promise.reject(refused)).catch(() => undefined);
      const { body } = await desk.request<string>('GET', '/metrics');
      const states = [...body.matchAll(/^resilience_breaker_state\{name="([^"]+)"\} (\d)$/gm)];
      return new Map(states.map(([, name, state]) => [name!, Number(state)]));
    };
    const last = `feed:${HOSTS - 1}.example`;
    const one = await fail(policies.slice(-1));
    expect([one.get(last), one.get('others'), one.get('feed:0.example'), one.size]).toEqual([1, 0, 0, 18]);
    const all = await fail(policies.slice(0, -1));
    // 16 by their own names, 16 that have been open for longest, and the others.
    expect(all.size).toBe(33);
    const shown = ['filings:archive', 'feed:0.example', last, 'others'].map((name) => [name, all.get(name)]);
    expect(Object.fromEntries(shown)).toEqual({ 'filings:archive': 0, 'feed:0.example': 1, [last]: 1, others: 1 });
    expect(await openBreakers()).toHaveLength(HOSTS);
  });

  it('every background task runs', async () => {
    const tasks = desk.get(BackgroundTasks);
    for (const { name } of tasks.list()) tasks.wake(name);
    await eventually(() =>
      expect(tasks.list().filter(({ state, lastRunAt }) => state !== 'off' && !lastRunAt)).toEqual([]),
    );
  });

  it('/metrics has less than 1,500 series after all of that', async () => {
    const all = await families();
    const total = all.reduce((sum, [, count]) => sum + count, 0);
    const largest = all.slice(0, 8).map(([name, count]) => `${name}: ${count}`);
    expect({ total, largest: total < SERIES ? [] : largest }).toEqual({ total: expect.any(Number), largest: [] });
  });
});
