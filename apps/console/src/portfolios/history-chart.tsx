import { Chart, detailOf, Empty, Money, Select, Sheet, Time, useUrlState } from '../ui/index.js';
import { useDesk } from '@deskwire/client/react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { historyQueryOf, linesOf, RANGES, rangeNamed } from './history-range.js';

const SERIES = [
  { value: 'value', label: 'Value' },
  { value: 'dayPnl', label: 'Day P&L' },
] as const;
const AXIS = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 2 });
const heightText = (value: number) => AXIS.format(value);
const NO_POINTS: never[] = [];

/** Value or day P&L over time. A minute is the finest that changes, so the chart is read again each minute. */
export function HistoryChart({ portfolioId, currency }: { portfolioId: string; currency: string }) {
  const desk = useDesk();
  const [rangeText, setRange] = useUrlState('range', '1d');
  const [figure, setFigure] = useUrlState('figure', 'value');
  const range = rangeNamed(rangeText);
  const now = useMinute();
  const { from, to, step } = historyQueryOf(range, now);
  const history = useQuery({
    queryKey: ['/v1/portfolios/{id}/history', portfolioId, range, to],
    queryFn: () => desk.get('/v1/portfolios/{id}/history', { params: { id: portfolioId }, query: { from, to, step } }),
    placeholderData: (before) => before,
  });
  const points = history.data?.points ?? NO_POINTS;
  const name = figure === 'dayPnl' ? 'dayPnl' : 'value';
  const title = name === 'dayPnl' ? 'Day P&L' : 'Value';
  const [times, values, dayPnl] = useMemo(() => linesOf(points), [points]);
  const series = useMemo(
    () => [{ label: title, values: name === 'dayPnl' ? dayPnl : values }],
    [title, name, values, dayPnl],
  );
  const last = points.at(-1);
  return (
    <Sheet
      title="History"
      actions={
        <div className="filters">
          <Select
            aria-label="Range"
            value={range}
            onChange={setRange}
            options={Object.entries(RANGES).map(([value, { label }]) => ({ value, label }))}
          />
          <Select aria-label="Figure" value={name} onChange={setFigure} options={SERIES} />
        </div>
      }
    >
      {history.error && points.length === 0 && (
        <Empty title="The history cannot be shown" next={detailOf(history.error)} />
      )}
      {history.data && points.length === 0 && (
        <Empty title="No value in this range" next="Choose a longer range. The desk records one value a minute." />
      )}
      {points.length === 1 && (
        <Empty title="One value so far" next="The line begins with the second. The desk records one value a minute." />
      )}
      {points.length > 1 && (
        <Chart
          label={`${title} of ${portfolioId}, ${RANGES[range].label}`}
          times={times}
          series={series}
          format={heightText}
        />
      )}
      {last && (
        <p className="aside sheet-body">
          <span>
            {title} at <Time value={last.asOf} />:{' '}
            <Money value={last[name]} currency={currency} {...(name === 'dayPnl' && { meaning: 'gain' })} />
          </span>
          <span>one point each {history.data?.step}</span>
        </p>
      )}
    </Sheet>
  );
}

/** The time in ms, new once a minute. */
function useMinute(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 60_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
