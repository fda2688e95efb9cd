import { io, type Socket } from 'socket.io-client';
import { Database } from '#database';
import { startTestApp, type TestApp } from '../setup/test-app.js';

const quote = (key: string, price: string, second = 0) => ({
  broker: 'zerodha',
  key,
  price,
  asOf: new Date(Date.UTC(2026, 10, 23, 9, 30, second)).toISOString(),
});

describe('quotes over a socket', () => {
  let desk: TestApp;
  const opened: Socket[] = [];
  const open = (token: string) => {
    const socket = io(`${desk.url}/quotes`, {
      auth: { token },
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
    });
    opened.push(socket);
    return socket;
  };
  const publish = (socket: Socket, message: unknown): Promise<any> =>
    socket.timeout(60_000).emitWithAck('quotes:publish', message);

  beforeAll(async () => {
    desk = await startTestApp();
  });
  afterAll(() => desk.close());
  afterEach(() => opened.splice(0).forEach((socket) => socket.disconnect()));

  it('an operator publishes quotes, which are committed when they are acknowledged', async () => {
    const { token } = await desk.login('operator');
    const socket = open(token);
    const stored = async () => {
      const answer = await publish(socket, { quotes: [quote('A', '1'), quote('B', '2')] });
      return [answer, await desk.get(Database).rows('SELECT price::text FROM quotes ORDER BY instrument_key')];
    };
    expect(await stored()).toEqual([{ stored: 2, stale: 0 }, [{ price: '1' }, { price: '2' }]]);
    expect((await stored())[0]).toEqual({ stored: 0, stale: 2 });
  });

  it('quotes of sockets and requests are written together', async () => {
    const { token } = await desk.login('operator');
    const sockets = [open(token), open(token)];
    await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.on('connect', () => resolve(socket)))));
    await desk.get(Database).run('DELETE FROM change_feed');
    const answers = await Promise.all([
      ...Array.from({ length: 60 }, (_, n) => publish(sockets[n % 2]!, { quotes: [quote('C', String(n), n)] })),
      desk.request('POST', '/v1/quotes', { token, body: { quotes: [quote('D', '9')] } }),
    ]);
    expect(
      answers.slice(0, 60).reduce((sum, { stored, stale }) => sum + (stored as number) + (stale as number), 0),
    ).toBe(60);
    expect(answers[60].body).toMatchObject({ stored: 1 });
    expect((await desk.get(Database).rows(`SELECT FROM change_feed WHERE topic = 'quotes'`)).length).toBeLessThan(20);
    expect(await desk.get(Database).rows(`SELECT price::text FROM quotes WHERE instrument_key = 'C'`)).toEqual([
      { price: '59' },
    ]);
  });

  it('a trader publishes nothing, and a wrong quote is refused with its field', async () => {
    const { token } = await desk.login('trader');
    expect(await publish(open(token), { quotes: [quote('E', '1')] })).toMatchObject({
      status: 403,
      code: 'PORTFOLIOS_PUBLISH_REFUSED',
    });
    const operator = await desk.login('operator');
    expect(await publish(open(operator.token), { quotes: [quote('E', 'NaN')] })).toMatchObject({
      status: 400,
      code: 'REQUEST_INVALID',
      errors: [{ field: 'quotes[0].price' }],
    });
    expect(await desk.get(Database).rows(`SELECT FROM quotes WHERE instrument_key = 'E'`)).toEqual([]);
  });

  it('a token that is not valid opens no socket', async () => {
    const error = await new Promise<Error & { data?: { code: string } }>((resolve) =>
      open('nonsense').on('connect_error', (refused) => resolve(refused)),
    );
    expect(error.data?.code).toBe('AUTH_UNAUTHENTICATED');
  });

  it('the AsyncAPI document has the namespace, the message and its acknowledgement', async () => {
    const { body } = await desk.request('GET', '/asyncapi.json');
    expect(body.channels.quotes).toMatchObject({
      address: '/quotes',
      messages: { quotesPublish: { $ref: '#/components/messages/quotesPublish' } },
    });
    expect(body.operations.quotesPublish).toMatchObject({
      action: 'receive',
      channel: { $ref: '#/channels/quotes' },
      reply: {
        messages: [
          { $ref: '#/channels/quotes/messages/quotesPublishAck' },
          { $ref: '#/channels/quotes/messages/problem' },
        ],
      },
    });
    expect(body.components.messages).toMatchObject({
      quotesPublish: { payload: { $ref: '#/components/schemas/QuoteBatch' } },
      quotesPublishAck: { payload: { $ref: '#/components/schemas/QuotesStored' } },
    });
  });
});
