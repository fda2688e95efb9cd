import { useQuery } from '@tanstack/react-query';
import { useDesk } from '@deskwire/client/react';
import { Badge, durationText, Time } from '../ui/index.js';
import type { Answer } from '@deskwire/client';
import { JsonBlock } from '../filters/facts.js';
import './deliveries.css';

type DeliveryAnswer = Answer<'/v1/deliveries/{id}'>;
const SETTLED = ['delivered', 'dead', 'cancelled'];
const POLL_MS = 1_000;

export function useDelivery(id: string) {
  const desk = useDesk();
  return useQuery<DeliveryAnswer>({
    queryKey: ['/v1/deliveries', id],
    queryFn: () => desk.get('/v1/deliveries/{id}', { params: { id } }),
    refetchInterval: ({ state }) => (state.data && SETTLED.includes(state.data.status) ? false : POLL_MS),
  });
}

/** The attempts of one delivery with code, latency and answer. */
export function DeliveryAttempts({ id }: { id: string }) {
  const { data } = useDelivery(id);
  if (data === undefined) return null;
  return <AttemptList delivery={data} />;
}

export function AttemptList({ delivery: { log, status, nextAttemptAt } }: { delivery: DeliveryAnswer }) {
  return (
    <>
      {log.length === 0 && <p>Not attempted yet.</p>}
      <ol className="attempts" aria-label="Attempts">
        {log.map((attempt) => (
          <li key={attempt.attempt}>
            <p>
              <b>Attempt {attempt.attempt}</b>{' '}
              <Badge tone={attempt.outcome === 'delivered' ? 'good' : 'bad'}>
                {attempt.statusCode ?? attempt.errorClass ?? attempt.outcome}
              </Badge>{' '}
              in {durationText(attempt.latencyMs)}, <Time value={attempt.at} />
            </p>
            {attempt.error !== null && <p className="attempt-error">{attempt.error}</p>}
            {attempt.responseBody !== null && attempt.responseBody !== '' && (
              <details>
                <summary>Answer</summary>
                <JsonBlock label={`Answer to attempt ${attempt.attempt}`} value={attempt.responseBody} />
              </details>
            )}
          </li>
        ))}
      </ol>
      {status === 'pending' && nextAttemptAt !== null && (
        <p>
          Next attempt at <Time value={nextAttemptAt} />
        </p>
      )}
    </>
  );
}
