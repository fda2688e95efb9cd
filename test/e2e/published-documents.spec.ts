import { dashboardSocketEvents } from '#dashboard';
import { quoteSocketEvents } from '#portfolios';
import { realtimeSocketEvents } from '#realtime';
import { eventually } from '../setup/eventually.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { asyncApiFindings, redoclyFindings, spectralFindings } from './lint-documents.fixture.js';
import { OperationsContract } from './operations-contract.fixture.js';

describe('the documents', () => {
  let desk: TestApp;
  let openApi: any;
  let asyncApi: any;

  beforeAll(async () => {
    desk = await startTestApp({ env: { PUBLIC_URL: 'http://desk.example.org', EGRESS_CONTACT: 'desk@example.org' } });
    openApi = (await desk.request('GET', '/openapi.json')).body;
    asyncApi = (await desk.request('GET', '/asyncapi.json')).body;
  });
  afterAll(() => desk.close());

  it('Redocly and Spectral find nothing in the OpenAPI document by their recommended rules', async () => {
    expect(await redoclyFindings(openApi)).toEqual([]);
    expect(await spectralFindings(openApi, 'oas')).toEqual([]);
  });

  it("AsyncAPI's parser and Spectral find nothing in the AsyncAPI document", async () => {
    expect(await asyncApiFindings(asyncApi)).toEqual([]);
    expect(await spectralFindings(asyncApi, 'asyncapi')).toEqual([]);
  });

  it('the AsyncAPI document has every event of each namespace, its direction, its reply and the token', async () => {
    expect(asyncApi.servers.desk).toMatchObject({ host: 'desk.example.org', protocol: 'ws', pathname: '/socket.io/' });
    expect(asyncApi.servers.desk.security).toEqual([{ $ref: '#/components/securitySchemes/bearer' }]);
    const own: Record<string, string[]> = {
      dashboard: dashboardSocketEvents.map(({ name }) => name),
      quotes: quoteSocketEvents.map(({ name }) => name),
    };
    const everywhere = realtimeSocketEvents.map(({ name }) => name);
    expect(Object.keys(asyncApi.channels)).toEqual(Object.keys(own));
    for (const [channel, names] of Object.entries(own)) {
      const operations = Object.values<any>(asyncApi.operations).filter(
        (one) => one.channel.$ref === `#/channels/${channel}`,
      );
      expect(operations.map(({ title }) => title)).toEqual([...names, ...everywhere]);
      for (const { action, reply, messages } of operations) {
        expect(reply === undefined).toBe(action === 'send');
        for (const { $ref } of [...messages, ...(reply?.messages ?? [])])
          expect(asyncApi.channels[channel].messages).toHaveProperty($ref.split('/').at(-1));
      }
    }
  });

  it('what a socket gets matches the AsyncAPI document', async () => {
    const contract = new OperationsContract({ ...asyncApi, paths: {} });
    const { token, email, password } = await desk.login('trader');
    const socket = desk.socket(token);
    const got: [string, unknown][] = [];
    socket.onAny((event: string, message: unknown) => got.push([event, message]));
    const ask = async (event: string, message?: unknown): Promise<void> => {
      const answer = await socket.timeout(60_000).emitWithAck(event, message);
      got.push([`${event} Ack`, answer]);
    };
    await ask('dashboard:subscribe', { panels: { portfolios: {}, alerts: {} } });
    await ask('dashboard:resync');
    await ask('dashboard:unsubscribe');
    await ask('dashboard:subscribe');
    const { body } = await desk.request('POST', '/v1/auth/login', { body: { email, password } });
    await ask('auth:refresh', { token: body.accessToken });
    const snapshot = {
      broker: 'zerodha',
      account: 'AB1',
      asOf: '2026-11-25T10:00:00Z',
      currency: 'INR',
      cash: '1',
      positions: [],
    };
    expect((await desk.request('PUT', '/v1/portfolios/p1/snapshot', { token, body: snapshot })).status).toBe(200);
    await eventually(() => expect(got.map(([event]) => event)).toContain('dashboard:delta'));
    const problem = await socket.timeout(60_000).emitWithAck('dashboard:subscribe', { panels: 7 });
    expect(contract.mismatches({ $ref: '#/components/schemas/Problem' }, problem)).toEqual([]);
    for (const [event, message] of got) {
      const key = event.replace(/[^A-Za-z0-9]+(.)/g, (_, letter: string) => letter.toUpperCase());
      expect([event, contract.mismatches(asyncApi.components.messages[key].payload, message)]).toEqual([event, []]);
    }
    socket.disconnect();
  });
});
