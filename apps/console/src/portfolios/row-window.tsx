import { Button, useUrlState } from '../ui/index.js';
import { useState } from 'react';

const STEP = 200;
/** Rows that the desk sends in one window. */
const MOST = 1_000;

/** The part of a panel that is asked for: it grows while one scrolls, and moves by pages beyond 1,000 rows. */
export interface RowWindowState {
  bounds: { limit: number; offset: number };
  /** As many rows as the desk sends, for a filter that looks at all of them. */
  whole: { limit: number; offset: number };
  more: (total: number) => void;
  moveTo: (offset: number) => void;
}

/** @param name of the offset in the address */
export function useRowWindow(name: string): RowWindowState {
  const [text, setText] = useUrlState(name, '0');
  const [limit, setLimit] = useState(STEP);
  const offset = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  return {
    bounds: { limit, offset },
    whole: { limit: MOST, offset },
    more: (total) => setLimit((now) => (now < MOST && offset + now < total ? now + STEP : now)),
    moveTo: (next) => {
      setLimit(STEP);
      setText(String(Math.max(0, next)));
    },
  };
}

interface PagerProps {
  window: RowWindowState;
  total: number;
  shown: number;
  noun: string;
}

/** Says which rows are shown, and leads to the others of a long list. */
export function WindowPager({ window, total, shown, noun }: PagerProps) {
  const { offset } = window.bounds;
  if (total === 0) return null;
  return (
    <p className="pager">
      <span>
        {shown === total
          ? `${total} ${noun}`
          : shown === 0
            ? `${total} ${noun}, fewer than the address asks for`
            : `${noun} ${offset + 1} to ${offset + shown} of ${total}`}
      </span>
      {offset > 0 && <Button onClick={() => window.moveTo(offset - MOST)}>Previous</Button>}
      {offset + MOST < total && <Button onClick={() => window.moveTo(offset + MOST)}>Next</Button>}
    </p>
  );
}
