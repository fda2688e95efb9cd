import { Link } from 'wouter';
import { Badge, durationText, Empty, Sheet, Time } from '../ui/index.js';
import { traceLengthMs, type TraceRow } from './trace.js';
import { useTrace } from './use-trace.js';

/** Everything that one correlation id caused, each step below its cause, with bars in time. */
export function Trace({ correlationId }: { correlationId: string }) {
  const { rows, isBusy } = useTrace(correlationId);
  const lengthMs = traceLengthMs(rows);
  return (
    <Sheet title="Trace" actions={rows.length > 0 && <span>{durationText(lengthMs)} in total</span>}>
      {rows.length === 0 ? (
        <Empty
          title={isBusy ? 'Reading the trace' : 'Nothing is recorded under this correlation id'}
          next={isBusy ? undefined : 'Copy the id from an answer, a log line or a message.'}
        />
      ) : (
        <ol className="trace" aria-label={`What ${correlationId} caused`}>
          {rows.map((row) => (
            <TraceStepRow key={row.id} row={row} lengthMs={lengthMs} />
          ))}
        </ol>
      )}
    </Sheet>
  );
}

function TraceStepRow({ row, lengthMs }: { row: TraceRow; lengthMs: number }) {
  const { depth, kind, title, detail, tone, href, at, offsetMs } = row;
  const left = lengthMs === 0 ? 0 : (offsetMs / lengthMs) * 100;
  const width = lengthMs === 0 ? 0 : (row.lengthMs / lengthMs) * 100;
  return (
    <li className="trace-step" data-kind={kind} style={{ '--depth': depth } as React.CSSProperties}>
      <span className="trace-name">
        <Badge tone={tone}>{kind}</Badge> {href === undefined ? title : <Link href={href}>{title}</Link>}{' '}
        <span className="trace-detail">{detail}</span>
      </span>
      <span className="trace-time">
        <Time value={at} show="clock" /> <span className="trace-detail">+{durationText(offsetMs)}</span>
      </span>
      <span className="trace-bar" aria-hidden="true">
        <i data-tone={tone} style={{ marginInlineStart: `${Math.min(left, 99)}%`, inlineSize: `${width}%` }} />
      </span>
    </li>
  );
}
