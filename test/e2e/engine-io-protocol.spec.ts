import { ask, ECHO, PollingSession, ProtocolDesk, sessionCases, unlessPinged } from './protocol-cases.fixture.js';
import { messageCases } from './message-cases.fixture.js';

describe('the protocol of engine.io on a desk that allows long polling', () => {
  let desk: ProtocolDesk;
  const payload = (...packets: string[]) => packets.join('\x1e');
  const message = (text: string) => `42${ECHO},["message","${text}"]`;
  const answer = (text: string) => `42${ECHO},["message-back","${text}"]`;

  beforeAll(async () => {
    desk = await ProtocolDesk.start({ REALTIME_POLLING: 'true' });
  });
  afterAll(() => desk.stop());

  sessionCases(() => desk, { polling: true });
  messageCases(() => desk);

  it('long polling sends and gets a payload of one packet', () =>
    unlessPinged(async () => {
      const session = await PollingSession.join(desk);
      expect(await session.push(message('hello'))).toEqual({ status: 200, body: 'ok' });
      expect(await session.poll()).toEqual({ status: 200, body: answer('hello') });
    }));

  it('long polling sends and gets a payload of several packets', () =>
    unlessPinged(async () => {
      const session = await PollingSession.join(desk);
      const texts = ['test1', 'test2', 'test3'];
      expect(await session.push(payload(...texts.map(message)))).toEqual({ status: 200, body: 'ok' });
      expect((await session.poll()).body).toBe(payload(...texts.map(answer)));
    }));

  it('long polling sends and gets a payload of text and binary packets', () =>
    unlessPinged(async () => {
      const session = await PollingSession.join(desk);
      const binary = (event: string) => payload(`451-${ECHO},["${event}",{"_placeholder":true,"num":0}]`, 'bAQIDBA==');
      expect(await session.push(binary('message'))).toEqual({ status: 200, body: 'ok' });
      expect((await session.poll()).body).toBe(binary('message-back'));
    }));

  it('long polling that sends a packet of an unknown type has no session any more', () =>
    unlessPinged(async () => {
      const session = await PollingSession.join(desk);
      await session.push('abc');
      expect((await session.poll()).status).toBe(400);
    }));

  it('long polling that polls twice at once has no session any more', () =>
    unlessPinged(async () => {
      const session = await PollingSession.join(desk);
      const first = session.poll();
      await desk.polled(session);
      const second = await ask(desk.url, `EIO=4&transport=polling&sid=${session.sid}`);
      expect(await first).toEqual({ status: 200, body: '1' });
      expect(second.status).toBe(400);
      expect((await session.poll()).status).toBe(400);
    }));

  it('long polling that cancels its poll has no session any more', () =>
    unlessPinged(async () => {
      const session = await PollingSession.join(desk);
      const cancel = new AbortController();
      const poll = session.poll({ signal: cancel.signal });
      await desk.polled(session);
      cancel.abort();
      await poll;
      expect((await session.poll()).status).toBe(400);
    }));
});
