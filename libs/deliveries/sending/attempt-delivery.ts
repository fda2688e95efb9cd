import { classifyError } from '#resilience';
import { withCorrelation } from '#telemetry';
import type { DeliveryOutcome } from '../ledger/delivery.js';
import type { DeliveryChannel } from './delivery-channel.js';
import type { ClaimedDelivery } from './delivery-claim.repository.js';

/** Time that a channel gets to end after its signal has aborted. */
const GRACE_MS = 500;

/**
 * Makes one attempt, which ends in time whatever the channel does. In a blocked process the timer fires late, and the answer may
 * wait in the socket. Aborting then would record a failure for a success and cause a second send. The attempt is therefore
 * extended by the time for which the timer was late.
 * @returns undefined if `stop` aborted it
 */
export async function attemptDelivery(
  channel: DeliveryChannel,
  delivery: ClaimedDelivery,
  timeoutMs: number,
  stop: AbortSignal,
): Promise<DeliveryOutcome | undefined> {
  const began = performance.now();
  const controller = new AbortController();
  const { promise: late, resolve: giveUp } = Promise.withResolvers<DeliveryOutcome | undefined>();
  const timedOut = (): DeliveryOutcome => ({
    kind: 'failed',
    errorClass: 'timeout',
    error: `No answer within ${timeoutMs} ms.`,
    latencyMs: performance.now() - began,
  });
  let timer: NodeJS.Timeout | undefined;
  const wait = (ms: number) => {
    const due = performance.now() + ms;
    timer = setTimeout(() => {
      const lateMs = performance.now() - due;
      if (lateMs > GRACE_MS) return wait(Math.min(lateMs, timeoutMs));
      controller.abort(new DOMException(`No answer within ${timeoutMs} ms.`, 'TimeoutError'));
      timer = setTimeout(() => giveUp(timedOut()), GRACE_MS);
    }, ms);
  };
  wait(timeoutMs);
  const stopped = () => {
    controller.abort(stop.reason);
    giveUp(undefined);
  };
  stop.addEventListener('abort', stopped, { once: true });
  if (stop.aborted) stopped();
  try {
    const { id, messageId, endpointId, body, attempt, createdAt, correlationId } = delivery;
    const sent = withCorrelation(correlationId ?? undefined, async () =>
      channel.send({ id, messageId, endpointId, body, attempt, createdAt, correlationId }, controller.signal),
    ).catch((error: unknown): DeliveryOutcome | undefined => {
      if (stop.aborted) return undefined;
      if (controller.signal.aborted) return timedOut();
      return {
        kind: 'failed',
        errorClass: classifyError(error),
        error: (error as Error).message,
        latencyMs: performance.now() - began,
      };
    });
    return await Promise.race([sent, late]);
  } finally {
    clearTimeout(timer);
    stop.removeEventListener('abort', stopped);
  }
}
