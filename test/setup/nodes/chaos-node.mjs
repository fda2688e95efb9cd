// A node of the desk for the chaos test, on the built app: says { ready, url } once it works. A web node takes
// POST /{endpoint} with an event's id: an alert's transaction, answered when it is committed. Asked for endpoints, it makes them.
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { Transactions } from '#database';
import { DeliveryChannels, DeliveryQueue } from '#deliveries';
import { WebhooksService } from '#webhooks';
import { startApp } from '../../../dist/apps/api/start-app.js';

const { app, ready } = await startApp(process.env, JSON.parse(process.env.TEST_INTERNALS));
if (process.env.CHAOS_ACK_BEFORE_SEND) {
  // The negative control: it says "delivered" and delivers a second later. A kill finds hundreds between the two.
  const channel = app.get(DeliveryChannels, { strict: false }).find('webhook');
  const send = channel.send.bind(channel);
  channel.send = async (delivery) => {
    void delay(1_000).then(() => send(delivery, new AbortController().signal));
    return { kind: 'delivered', statusCode: 204, latencyMs: 0 };
  };
}
await ready;

const queue = app.get(DeliveryQueue, { strict: false });
const transactions = app.get(Transactions);
const server = createServer(async (request, response) => {
  let id = '';
  for await (const piece of request) id += piece;
  try {
    await transactions.atomic(() =>
      queue.enqueue([{ alertId: id, endpointId: request.url.slice(1), messageId: id, body: JSON.stringify({ id }) }]),
    );
    response.writeHead(202).end();
  } catch (error) {
    response.writeHead(503).end(String(error));
  }
});
server.listen(0, '127.0.0.1', () => process.send({ ready: true, url: `http://127.0.0.1:${server.address().port}` }));
process.on('message', async ({ endpoints, url }) => {
  const webhooks = app.get(WebhooksService, { strict: false });
  const operator = { userId: '00000000-0000-7000-8000-000000000000', roles: ['admin'] };
  const ids = [];
  for (let n = 0; n < endpoints; n++) {
    const given = {
      url: `${url}/${n}`,
      description: '',
      format: 'generic',
      desk: true,
      operator: false,
      minSeverity: null,
      concurrency: 16,
      ratePerSecond: null,
    };
    ids.push((await webhooks.create(operator, given)).id);
  }
  process.send({ endpoints: ids });
});
process.once('disconnect', () => process.exit(0));
