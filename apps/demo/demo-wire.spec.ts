import { Webhook } from 'standardwebhooks';
import { type DemoReceipt, DemoWire } from './demo-wire.js';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

describe("the demo's newswire and receiver", () => {
  const receipts: DemoReceipt[] = [];
  let wire: DemoWire;
  beforeAll(async () => {
    wire = await DemoWire.open((receipt) => receipts.push(receipt));
    wire.expect(SECRET);
  });
  afterAll(() => wire.close());
  afterEach(() => receipts.splice(0));

  const post = async (secret: string, body: string) => {
    const at = new Date();
    const response = await fetch(wire.hookUrl, {
      method: 'POST',
      body,
      headers: {
        'webhook-id': 'msg_1',
        'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
        'webhook-signature': new Webhook(secret).sign('msg_1', at, body),
      },
    });
    return response.status;
  };

  it('the demo receiver accepts requests signed with its secret and refuses others', async () => {
    expect(await post(SECRET, '{"title":"halted"}')).toBe(204);
    expect(await post('whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', '{"title":"forged"}')).toBe(401);
    expect(await post(SECRET, 'x'.repeat(2 << 20)).catch(() => 413)).toBe(413);
    expect(receipts).toEqual([
      { id: 'msg_1', verified: true, title: 'halted' },
      { id: 'msg_1', verified: false, title: '' },
    ]);
  });

  it('the demo newswire serves published items, newest first', async () => {
    wire.publish(new Date('2026-08-17T03:45:00Z'));
    wire.publish(new Date('2026-08-17T03:46:00Z'));
    const rss = await (await fetch(wire.feedUrl)).text();
    expect([...rss.matchAll(/<pubDate>[^<]*03:(\d+)/g)].map(([, minute]) => minute)).toEqual(['46', '45']);
  });
});
