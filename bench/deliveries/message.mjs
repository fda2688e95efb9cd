// The message that every queue sends, and the signed POST of the two compared queues, made with the library that
// Deskwire uses.
import { randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { Pool } from 'undici';

/** Maximum number of concurrent sends per process. */
export const CONCURRENCY = 128;

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

export const BODY = JSON.stringify({
  id: randomUUID(),
  type: 'alert',
  severity: 'warning',
  title: 'AAPL moved 5 % in 10 minutes',
  body: 'x'.repeat(400),
  links: [],
  fields: { ticker: 'AAPL' },
});

export class SignedPost {
  #pool = new Pool(process.env.RECEIVER, { connections: CONCURRENCY });
  #webhook = new Webhook(SECRET);

  async send(messageId, body) {
    const now = new Date();
    const response = await this.#pool.request({
      method: 'POST',
      path: '/',
      headers: {
        'content-type': 'application/json',
        'webhook-id': messageId,
        'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
        'webhook-signature': this.#webhook.sign(messageId, now, body),
      },
      body,
    });
    await response.body.dump();
  }
}
