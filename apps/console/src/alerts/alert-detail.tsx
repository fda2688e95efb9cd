import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { useDesk } from '@deskwire/client/react';
import { DeliveryAttempts } from '../deliveries/delivery-attempts.js';
import { DeliveryBadge } from '../deliveries/delivery-state.js';
import { EventFacts } from '../events/event-facts.js';
import { Facts, NotShown } from '../filters/facts.js';
import { Badge, Button, Drawer, Time, useCan, useUrlForm } from '../ui/index.js';
import type { Answer } from '@deskwire/client';
import { useWebhookNames } from '../webhooks/use-webhooks.js';
import { SeverityBadge } from './severity.js';
import { SilenceDialog } from './silence-dialog.js';

type AlertAnswer = Answer<'/v1/alerts/{id}'>;

interface DetailProps {
  id: string;
  onClose: () => void;
  onAcknowledge: (ids: readonly string[]) => Promise<void>;
}

/** One alert with its event, its links and what became of its messages. */
export function AlertDetail({ id, onClose, onAcknowledge }: DetailProps) {
  const desk = useDesk();
  const canSilence = useCan('trader');
  const [silencing, silence] = useUrlForm('silence');
  const { data: alert, error } = useQuery<AlertAnswer>({
    queryKey: ['/v1/alerts', id],
    queryFn: () => desk.get('/v1/alerts/{id}', { params: { id } }),
    // Its messages are on their way while it is read.
    refetchInterval: 5_000,
  });
  const isOpen = alert?.acknowledgedAt === null;
  return (
    <Drawer
      title={alert?.title ?? 'Alert'}
      onClose={onClose}
      footer={
        alert && (
          <>
            {canSilence && <Button onClick={() => silence(true)}>Silence</Button>}
            {isOpen && (
              <Button tone="accent" icon="check" onClick={() => void onAcknowledge([alert.id])}>
                Acknowledge
              </Button>
            )}
          </>
        )
      }
    >
      {error && <NotShown problem={error} next="Close this and look at the list." />}
      {alert && <AlertBody alert={alert} />}
      {silencing && canSilence && alert && <SilenceDialog alert={alert} onClose={() => silence(false)} />}
    </Drawer>
  );
}

function AlertBody({ alert }: { alert: AlertAnswer }) {
  return (
    <>
      {alert.body !== '' && <p className="alert-body">{alert.body}</p>}
      <Facts
        facts={[
          ['Severity', <SeverityBadge severity={alert.severity} />],
          ['Raised', <Time value={alert.raisedAt} />],
          alert.count > 1 && [
            'Matching events',
            <>
              {alert.count}, the last at <Time value={alert.lastAt} />
            </>,
          ],
          [
            'Acknowledged',
            alert.acknowledgedAt === null ? <Badge tone="warn">open</Badge> : <Time value={alert.acknowledgedAt} />,
          ],
          alert.silencedBy !== null && ['Silenced', 'No webhook received it'],
          alert.deferredUntil !== null && ['Messages wait until', <Time value={alert.deferredUntil} />],
          alert.unformattable !== null && ['No message was made', alert.unformattable],
          ['Rule', <Link href={`/rules?rule=${alert.ruleId}`}>{alert.ruleName}</Link>],
          ...alert.fields.map(({ name, value }) => [name, value] as const),
        ]}
      />
      {alert.links.length > 0 && (
        <ul className="alert-links">
          {alert.links.map(({ title, url }) => (
            <li key={url}>
              <a href={url} target="_blank" rel="noreferrer noopener">
                {title}
              </a>
            </li>
          ))}
        </ul>
      )}
      <h3>Deliveries</h3>
      <AlertDeliveries alert={alert} />
      <h3>Event</h3>
      {alert.event === null ? <p>The events of its month were removed.</p> : <EventFacts event={alert.event} />}
    </>
  );
}

function AlertDeliveries({ alert }: { alert: AlertAnswer }) {
  const nameOf = useWebhookNames();
  const canWrite = useCan('trader');
  if (alert.deliveries.length === 0) {
    if (alert.silencedBy !== null) return <p>A silence kept it from being sent.</p>;
    return (
      <p>
        No webhook receives it.{' '}
        {canWrite && (
          <>
            <Link href={`/rules?rule=${alert.ruleId}`}>Choose webhooks in its rule</Link>.
          </>
        )}
      </p>
    );
  }
  return (
    <ul className="alert-deliveries">
      {alert.deliveries.map((delivery) => (
        <li key={delivery.id}>
          <p>
            <DeliveryBadge status={delivery.status} />{' '}
            <Link href={`/deliveries?delivery=${delivery.id}`}>{nameOf(delivery.endpointId)}</Link>
          </p>
          <DeliveryAttempts id={delivery.id} />
        </li>
      ))}
    </ul>
  );
}
