import { readFile } from 'node:fs/promises';
import { attemptDelivery } from './attempt-delivery.js';
import type { DeliveryChannel } from './delivery-channel.js';
import type { ClaimedDelivery } from './delivery-claim.repository.js';

const delivery = { id: 'd', messageId: 'm', endpointId: 'e', body: '{}', attempt: 1 } as ClaimedDelivery;
const never = new AbortController().signal;
const channel = (send: (signal: AbortSignal) => Promise<unknown>): DeliveryChannel => ({
  name: 'test',
  send: async (_delivery, signal) => {
    await send(signal);
    return { kind: 'delivered', latencyMs: 1 };
  },
});

describe('one attempt of a delivery', () => {
  it('fails with a timeout when the channel does not answer, even if the channel ignores its signal', async () => {
    const outcome = await attemptDelivery(
      channel(() => new Promise(() => undefined)),
      delivery,
      20,
      never,
    );
    expect(outcome).toMatchObject({ kind: 'failed', errorClass: 'timeout' });
  });

  it('succeeds if the answer came while the process was blocked for longer than the timeout', async () => {
    const attempt = attemptDelivery(
      channel((signal) => readFile(import.meta.filename, { signal })),
      delivery,
      500,
      never,
    );
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_500);
    expect(await attempt).toMatchObject({ kind: 'delivered' });
  });

  it('one attempt of a delivery has no outcome when the process stops', async () => {
    const stop = new AbortController();
    const attempt = attemptDelivery(
      channel(() => new Promise(() => undefined)),
      delivery,
      60_000,
      stop.signal,
    );
    stop.abort();
    expect(await attempt).toBeUndefined();
  });
});
