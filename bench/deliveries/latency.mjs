// Times from the commit of a delivery to its receipt, at a steady rate.
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Transactions } from '#database';
import { DeliveryQueue } from '#deliveries';
import { report } from './children.mjs';
import { BODY } from './message.mjs';

/**
 * @param endpoints receive the messages in rotation
 * @param counted paths whose receipts count. Default: all
 * @returns the times in ms, ascending
 */
export async function latencies(web, receiver, endpoints, { perSecond, seconds, counted = endpoints.length }) {
  const sent = new Map();
  const began = performance.now();
  const pending = [];
  for (let n = 0; n < perSecond * seconds; n++) {
    const messageId = randomUUID();
    const endpointId = endpoints[n % endpoints.length];
    const delivery = { alertId: randomUUID(), endpointId, messageId, body: BODY };
    const committed = web
      .get(Transactions)
      .atomic(() => web.get(DeliveryQueue, { strict: false }).enqueue([delivery]))
      .then(() => n % endpoints.length < counted && sent.set(messageId, performance.timeOrigin + performance.now()));
    pending.push(committed);
    const due = ((n + 1) * 1_000) / perSecond - (performance.now() - began);
    if (due > 0) await pause(due);
  }
  await Promise.all(pending);
  await pause(1_000);
  const { seen } = await report(receiver);
  const times = seen
    .map(([key, at]) => [key.split(' ')[1], at])
    .filter(([id]) => sent.has(id))
    .map(([id, at]) => at - sent.get(id));
  if (times.length !== sent.size) throw new Error(`${times.length} of ${sent.size} arrived`);
  return times.sort((a, b) => a - b);
}

export const percentile = (times, part) => times[Math.floor(times.length * part)];
