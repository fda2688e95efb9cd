import { Link } from 'wouter';
import { Facts, JsonBlock } from '../filters/facts.js';
import { Time } from '../ui/index.js';
import type { ItemOf } from '@deskwire/client';

export type EventRow = ItemOf<'/v1/events'>;

/** An event with its payload and what it belongs to. */
export function EventFacts({ event }: { event: EventRow }) {
  const { type, version, broker, correlationId, causationId, occurredAt, recordedAt, payload } = event;
  return (
    <>
      <Facts
        facts={[
          ['Type', `${type}, version ${version}`],
          ['Occurred', <Time value={occurredAt} />],
          ['Recorded', <Time value={recordedAt} />],
          broker !== null && ['Broker', broker],
          causationId !== null && ['Caused by', <Link href={`/events?event=${causationId}`}>another event</Link>],
          correlationId !== null && [
            'Correlation id',
            <Link href={`/events?correlationId=${encodeURIComponent(correlationId)}`}>
              <code>{correlationId}</code>
            </Link>,
          ],
        ]}
      />
      <JsonBlock label="Payload" value={payload} />
    </>
  );
}
