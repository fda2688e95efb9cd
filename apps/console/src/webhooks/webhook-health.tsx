import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useDesk } from '@deskwire/client/react';
import { Facts } from '../filters/facts.js';
import { Badge, Chart, durationText, Empty, Field, Select, Sheet, Time, useUrlState } from '../ui/index.js';
import type { Answer } from '@deskwire/client';
import { healthSeries } from './health-series.js';

type Health = Answer<'/v1/webhooks/{id}/health'>;

const SPANS = [
  { value: '60', label: 'Last hour' },
  { value: '360', label: 'Last 6 hours' },
  { value: '1440', label: 'Last 24 hours' },
  { value: '10080', label: 'Last 7 days' },
];
const CIRCUITS = {
  closed: <Badge tone="good">closed</Badge>,
  open: <Badge tone="bad">open: nothing is sent until the next trial</Badge>,
  'half-open': <Badge tone="warn">half-open: one delivery is tried</Badge>,
} as const;
const REFRESH_MS = 10_000;

/** Attempts and latency over time, the circuit breaker and what waits. */
export function WebhookHealth({ id }: { id: string }) {
  const desk = useDesk();
  const [asked, setMinutes] = useUrlState('minutes', '60');
  const minutes = SPANS.find(({ value }) => value === asked)?.value ?? '60';
  const { data, dataUpdatedAt } = useQuery<Health>({
    queryKey: ['/v1/webhooks', id, 'health', minutes],
    queryFn: () => desk.get('/v1/webhooks/{id}/health', { params: { id }, query: { minutes: Number(minutes) } }),
    refetchInterval: REFRESH_MS,
  });
  return (
    <>
      <div className="filter-controls">
        <Field label="Time">
          <Select value={minutes} options={SPANS} onChange={setMinutes} />
        </Field>
      </div>
      {data && <HealthNow health={data} />}
      {data &&
        (data.sent === 0 ? (
          <NothingSent />
        ) : (
          <HealthCharts health={data} minutes={Number(minutes)} at={dataUpdatedAt} />
        ))}
    </>
  );
}

function HealthNow({ health }: { health: Health }) {
  const { circuit, pending, held, heldMax, dead, sent, failed, successPercent, failingSince, probeAt } = health;
  return (
    <Sheet title="Now">
      <div className="sheet-body">
        <Facts
          facts={[
            ['Circuit', CIRCUITS[circuit]],
            ['Waiting', pending],
            ['Held', held === 0 ? '0' : <Badge tone="warn">{`${held} of at most ${heldMax}`}</Badge>],
            ['Dead letters', dead === 0 ? '0' : <Badge tone="bad">{dead}</Badge>],
            ['Attempts in this time', `${sent}, ${failed} failed`],
            successPercent !== null && [
              'Success',
              <Badge tone={successPercent >= 99 ? 'good' : successPercent >= 90 ? 'warn' : 'bad'}>
                {`${successPercent} %`}
              </Badge>,
            ],
            failingSince !== null && ['Only failures since', <Time value={failingSince} />],
            probeAt !== null && ['Next probe', <Time value={probeAt} />],
          ]}
        />
      </div>
    </Sheet>
  );
}

function NothingSent() {
  return <Empty title="Nothing was sent in this time" next="Send a test, or look at a longer time." />;
}

/** @param at when it was read, in Unix ms */
function HealthCharts({ health, minutes, at }: { health: Health; minutes: number; at: number }) {
  const series = useMemo(() => healthSeries(health.minutes, minutes, new Date(at)), [health, minutes, at]);
  const attempts = useMemo(
    () => [
      { label: 'Delivered', values: series.delivered, tone: 'good', kind: 'line' } as const,
      { label: 'Failed', values: series.failed, tone: 'bad', kind: 'line' } as const,
    ],
    [series],
  );
  const latency = useMemo(
    () => [
      { label: 'Mean', values: series.meanMs, tone: 'info' } as const,
      { label: 'Longest', values: series.maxMs, tone: 'warn' } as const,
    ],
    [series],
  );
  return (
    <>
      <Sheet title="Attempts">
        <Chart label="Delivered and failed attempts over time" times={series.times} series={attempts} height={180} />
      </Sheet>
      <Sheet title="Latency">
        <Chart
          label="Mean and longest latency over time"
          times={series.times}
          series={latency}
          height={180}
          format={durationText}
        />
      </Sheet>
    </>
  );
}
