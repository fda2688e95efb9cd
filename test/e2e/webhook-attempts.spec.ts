import { WebhookChannel } from '../../libs/webhooks/webhook.channel.js';
import { Receiver } from '../integration/deliveries/receiver.fixture.js';
import { eventually } from '../setup/eventually.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';

describe('the count of webhook attempts', () => {
  let receiver: Receiver;
  let app: TestApp;
  let endpointId: string;

  beforeAll(async () => {
    receiver = await Receiver.start();
    receiver.answers.set('hangs', () => undefined);
    app = await startTestApp({ env: { EGRESS_ALLOW_PRIVATE: 'true' } });
    const { token } = await app.login('operator');
    const hook = { url: `${receiver.url}/hangs`, desk: true };
    endpointId = (await app.request('POST', '/v1/webhooks', { token, body: hook })).body.id;
  });
  afterAll(async () => {
    await app.close();
    await receiver.stop();
  });

  const failed = async () =>
    Number(/webhooks_attempts_total\{outcome="failed"\} (\d+)/.exec((await app.request('GET', '/metrics')).body)![1]);
  /** Sends to an endpoint that hangs, until it is aborted. */
  const sendUntilAborted = async (reason: unknown) => {
    const [asked, aborter] = [receiver.receipts.length, new AbortController()];
    const delivery = { id: 'd', messageId: 'm', endpointId, body: '{}', attempt: 1, createdAt: new Date() };
    const sent = app.get(WebhookChannel).send({ ...delivery, correlationId: null }, aborter.signal);
    await eventually(() => expect(receiver.receipts).toHaveLength(asked + 1));
    aborter.abort(reason);
    await expect(sent).rejects.toThrow();
  };

  it('an attempt that the time limit of the sender ends counts as failed, and one that a stop ends does not', async () => {
    const before = await failed();
    await sendUntilAborted(new DOMException('No answer within 15000 ms.', 'TimeoutError'));
    expect(await failed()).toBe(before + 1);
    await sendUntilAborted(undefined);
    expect(await failed()).toBe(before + 1);
  });
});
