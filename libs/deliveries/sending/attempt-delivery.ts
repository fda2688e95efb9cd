import { classifyError } from '#resilience';
import { withCorrelation } from '#telemetry';
import type { DeliveryOutcome } from '../ledger/delivery.js';
import type { DeliveryChannel } from './delivery-channel.js';
import type { ClaimedDelivery } from './delivery-claim.repository.js';

/** What a channel that hears its signal gets to end by itself. */
const GRACE_MS = 500;

/**
 * One attempt with an end by the wall clock, whatever the channel does.
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
  let hard: NodeJS.Timeout | undefined;
  const soft = setTimeout(() => {
    controller.abort(new DOMException(`No answer within ${timeoutMs} ms.`, 'TimeoutError'));
    hard = setTimeout(() => giveUp(timedOut()), GRACE_MS);
  }, timeoutMs);
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
    clearTimeout(soft);
    clearTimeout(hard);
    stop.removeEventListener('abort', stopped);
  }
}
