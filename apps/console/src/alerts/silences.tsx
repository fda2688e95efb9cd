import { useDesk } from '@deskwire/client/react';
import { useRules } from '../rules/use-rules.js';
import { Button, Time, useAct, useCan, useList } from '../ui/index.js';
import type { ItemOf } from '@deskwire/client';

type Silence = ItemOf<'/v1/alert-silences'>;

/** The silences that hold now, above the list, because alerts that nobody receives need an explanation. */
export function Silences() {
  const desk = useDesk();
  const canEnd = useCan('trader');
  const { rows } = useList('/v1/alert-silences', { state: 'active' });
  const rules = useRules();
  const end = useAct((id: string) => desk.delete('/v1/alert-silences/{id}', { params: { id } }), {
    done: 'Silence ended',
  });
  if (rows.length === 0) return null;
  return (
    <section className="silences" aria-label="Active silences">
      <h2>Silenced</h2>
      <ul>
        {rows.map((silence) => (
          <li key={silence.id}>
            <span>
              {whatOf(silence, rules)} until <Time value={silence.until} />
              {silence.reason !== '' && `: ${silence.reason}`}
            </span>
            {canEnd && <Button onClick={() => end.mutate(silence.id)}>End</Button>}
          </li>
        ))}
      </ul>
    </section>
  );
}

function whatOf({ ruleId, ticker, instrumentId }: Silence, rules: readonly { id: string; name: string }[]): string {
  return [
    ruleId !== null && (rules.find(({ id }) => id === ruleId)?.name ?? 'A rule'),
    ticker !== null && `ticker ${ticker}`,
    instrumentId !== null && 'an instrument',
  ]
    .filter(Boolean)
    .join(', ');
}
