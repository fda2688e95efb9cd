import type { ItemOf } from '@deskwire/client';
import { useEffect } from 'react';
import { Button, Select, Sheet, useList, useUrlState } from '../ui/index.js';
import { CycleBars } from './cycle-bars.js';

type Outcome = ItemOf<'/v1/feeds/{id}/cycles'>['outcome'];

const OUTCOMES = [
  { value: '', label: 'all cycles' },
  { value: 'fresh', label: 'with new items' },
  { value: 'empty', label: 'without new items' },
  { value: 'unchanged', label: 'unchanged' },
  { value: 'failed', label: 'failed' },
];

interface FeedCyclesProps {
  id: string;
  cadenceMs: number;
  /** Time of the newest cycle: when it moves, the list is read again. */
  newest: string | null | undefined;
}

/** The cycles of a feed, newest first. */
export function FeedCycles({ id, cadenceMs, newest }: FeedCyclesProps) {
  const [outcome, setOutcome] = useUrlState('outcome', '');
  const { rows, busy, onEnd, refresh } = useList(
    '/v1/feeds/{id}/cycles',
    { outcome: outcome === '' ? undefined : [outcome as Outcome], limit: 20 },
    { params: { id } },
  );
  useEffect(() => {
    if (newest) refresh();
  }, [newest, refresh]);
  return (
    <Sheet
      title="Cycles"
      actions={<Select aria-label="Cycles" value={outcome} onChange={setOutcome} options={OUTCOMES} />}
    >
      <div className="sheet-body">
        {!busy && <CycleBars cycles={rows} cadenceMs={cadenceMs} filtered={outcome !== ''} />}
        {onEnd && <Button onClick={onEnd}>Older cycles</Button>}
      </div>
    </Sheet>
  );
}
