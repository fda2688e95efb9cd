import type { ItemOf } from '@deskwire/client';
import { Badge, durationText, Empty, Time } from '../ui/index.js';
import { barsOf } from './feed-words.js';

const TONES = { fresh: 'good', empty: 'plain', unchanged: 'plain', failed: 'bad' } as const;

interface CycleBarsProps {
  cycles: readonly ItemOf<'/v1/feeds/{id}/cycles'>[];
  cadenceMs: number;
  filtered: boolean;
}

/** Cycles, newest first, each with its stages as parts of a bar, its counts and its error. */
export function CycleBars({ cycles, cadenceMs, filtered }: CycleBarsProps) {
  if (cycles.length === 0)
    return filtered ? (
      <Empty title="No such cycle" next="Choose all cycles to see the others." />
    ) : (
      <Empty title="No cycle yet" next="The feed is polled within a second after it is added or run." />
    );
  const bars = barsOf(cycles);
  return (
    <>
      <p className="cycle-legend">
        <span data-stage="fetch">fetch</span>
        <span data-stage="parse">parse</span>
        <span data-stage="record">record</span>
        <small>
          the longest bar is {durationText(Math.max(...bars.map(({ total }) => total)))}; a cycle may take{' '}
          {durationText(cadenceMs)}
        </small>
      </p>
      <ol className="cycles">
        {cycles.map((cycle, index) => {
          const { total, parts } = bars[index]!;
          return (
            <li key={cycle.id}>
              <p className="cycle-head">
                <Time value={cycle.startedAt} />
                <Badge tone={TONES[cycle.outcome]}>{cycle.outcome}</Badge>
                {cycle.httpStatus !== null && <span>HTTP {cycle.httpStatus}</span>}
                <span>
                  {cycle.entries} entries, {cycle.fresh} new
                  {cycle.unalerted > 0 ? ` (${cycle.unalerted} without an alert)` : ''}, {cycle.revised} revised,{' '}
                  {cycle.seen} known
                </span>
                <span>{durationText(total)}</span>
              </p>
              <div
                className="cycle-bar"
                role="img"
                aria-label={`Took ${durationText(total)}: ${parts.map(({ stage, ms }) => `${stage} ${durationText(ms)}`).join(', ') || 'nothing'}`}
              >
                {parts.map(({ stage, ms, width }) => (
                  <span
                    key={stage}
                    data-stage={stage}
                    style={{ width: `${width}%` }}
                    title={`${stage} ${durationText(ms)}`}
                  />
                ))}
              </div>
              {cycle.error !== null && <p className="cycle-error">{cycle.error}</p>}
              {cycle.unreadable > 0 && <p className="cycle-error">{cycle.unreadable} entries could not be read</p>}
              {cycle.warnings.map(({ item, reason }) => (
                <p key={`${item} ${reason}`} className="note">
                  {item}: {reason}
                </p>
              ))}
            </li>
          );
        })}
      </ol>
    </>
  );
}
