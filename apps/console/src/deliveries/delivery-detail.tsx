import { Link } from 'wouter';
import { Facts, JsonBlock, NotShown } from '../filters/facts.js';
import { Button, Drawer, Time, useCan } from '../ui/index.js';
import { useWebhookNames } from '../webhooks/use-webhooks.js';
import { AttemptList, useDelivery } from './delivery-attempts.js';
import { DeliveryBadge } from './delivery-state.js';
import { useRetry } from './use-retry.js';

/** One delivery with every attempt and the body as it is sent. */
export function DeliveryDetail({ id, onClose }: { id: string; onClose: () => void }) {
  const canRetry = useCan('trader');
  const nameOf = useWebhookNames();
  const { data: delivery, error } = useDelivery(id);
  const retry = useRetry();
  return (
    <Drawer
      title="Delivery"
      onClose={onClose}
      footer={
        delivery &&
        canRetry && (
          <Button
            icon="refresh"
            busy={retry.isBusy}
            disabled={delivery.status === 'sending'}
            onClick={() => void retry.ask([id])}
          >
            Send again
          </Button>
        )
      }
    >
      {error && <NotShown problem={error} next="Close this and look at the list." />}
      {delivery && (
        <>
          <Facts
            facts={[
              ['Status', <DeliveryBadge status={delivery.status} />],
              ['Webhook', <Link href={`/webhooks?webhook=${delivery.endpointId}`}>{nameOf(delivery.endpointId)}</Link>],
              [
                'Alert',
                delivery.alertId === null ? (
                  'none: a test message'
                ) : (
                  <Link href={`/alerts?alert=${delivery.alertId}`}>Open the alert</Link>
                ),
              ],
              ['Enqueued', <Time value={delivery.createdAt} />],
              ['Settled', <Time value={delivery.settledAt} />],
              ['Message id', <code>{delivery.messageId}</code>],
              delivery.correlationId !== null && [
                'Correlation id',
                <Link href={`/events?correlationId=${encodeURIComponent(delivery.correlationId)}`}>
                  <code>{delivery.correlationId}</code>
                </Link>,
              ],
            ]}
          />
          <h3>Attempts</h3>
          <AttemptList delivery={delivery} />
          <h3>Body</h3>
          <JsonBlock label="Body as it is sent" value={pretty(delivery.body)} />
        </>
      )}
    </Drawer>
  );
}

function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), undefined, 2);
  } catch {
    return body;
  }
}
