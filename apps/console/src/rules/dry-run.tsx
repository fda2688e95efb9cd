import { useState } from 'react';
import { useDesk } from '@deskwire/client/react';
import { recentSpan, type TimeSpan } from '../filters/time-span.js';
import { TimeFilter } from '../filters/filter-bar.js';
import { Badge, Button, Empty, Sheet, Time, useAct } from '../ui/index.js';
import { SeverityBadge } from '../alerts/severity.js';
import type { RuleDraft } from './rule-draft.js';
import { type TrialAnswer, TrialMessages } from './trial-messages.js';

/** Runs the rule as it is edited over past events: nothing is saved and nothing is sent. */
export function DryRun({ draft, isReady }: { draft: RuleDraft; isReady: boolean }) {
  const desk = useDesk();
  const [span, setSpan] = useState<TimeSpan>(() => recentSpan(1_440, new Date()));
  const run = useAct((): Promise<TrialAnswer> =>
    desk.post('/v1/alert-rules/test', {
      body: {
        rule: { ...draft, name: draft.name === '' ? 'Test' : draft.name } as never,
        ...(span.from !== '' && { from: span.from }),
        ...(span.to !== '' && { to: span.to }),
      },
    }),
  );
  return (
    <Sheet title="Dry run over past events">
      <div className="sheet-body filter-controls">
        <TimeFilter span={span} onChange={setSpan} />
        <Button busy={run.isPending} disabled={!isReady} onClick={() => run.mutate()}>
          Run
        </Button>
      </div>
      <div className="sheet-body" aria-live="polite">
        {run.data ? <TrialResult trial={run.data} /> : <p>Shows which events match, and the message in each format.</p>}
      </div>
    </Sheet>
  );
}

function TrialResult({ trial }: { trial: TrialAnswer }) {
  const { scanned, matched, exceeded, complete, oldest, issues, matches } = trial;
  return (
    <>
      <p>
        <b>{matched}</b> of {scanned} events match{exceeded > 0 && `; ${exceeded} exceeded the time limit of the rule`}.
        {!complete && oldest !== null && (
          <>
            {' '}
            Read back to <Time value={oldest} />.
          </>
        )}
      </p>
      {issues.map(({ field, seen, problem }) => (
        <p key={field} className="notice" data-tone="warn">
          <code>{field}</code> names <code>{seen}</code>: {problem}
        </p>
      ))}
      {matches.length === 0 && (
        <Empty title="No event matches" next="Widen the time, or loosen a test of the condition." />
      )}
      <ul className="trial">
        {matches.map((match) => (
          <li key={match.event.id}>
            <details>
              <summary>
                <SeverityBadge severity={match.alert.severity} /> <b>{match.alert.title}</b> {match.event.type},{' '}
                <Time value={match.event.occurredAt} />{' '}
                {match.countedOn !== null && <Badge>counted on an earlier alert</Badge>}{' '}
                {match.deferredUntil !== null && (
                  <Badge tone="info">
                    waits until <Time value={match.deferredUntil} />
                  </Badge>
                )}{' '}
                {match.unformattable !== null && <Badge tone="bad">no message: {match.unformattable}</Badge>}
              </summary>
              <TrialMessages match={match} />
            </details>
          </li>
        ))}
      </ul>
    </>
  );
}
