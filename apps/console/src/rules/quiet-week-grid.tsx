import { type KeyboardEvent, useRef, useState } from 'react';
import { coverageOf, paintHours, type QuietSpan, WEEK } from './quiet-week.js';

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
const WORDS = { none: 'not quiet', part: 'partly quiet', all: 'quiet' } as const;
const MOVES: Readonly<Record<string, readonly [day: number, hour: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/**
 * A week of hours. Press and drag to paint; by keyboard, arrows move and Space or Enter changes the hour. The first hour
 * of a stroke decides whether it marks or clears.
 */
export function QuietWeekGrid({
  windows,
  onChange,
}: {
  windows: readonly QuietSpan[];
  onChange: (windows: QuietSpan[]) => void;
}) {
  const table = useRef<HTMLTableElement>(null);
  const stroke = useRef<boolean>(undefined);
  const [focused, setFocused] = useState({ day: 0, hour: 22 });
  const paint = (day: number, hour: number, isQuiet: boolean) => {
    if ((coverageOf(windows, day, hour) === 'all') === isQuiet && coverageOf(windows, day, hour) !== 'part') return;
    onChange(paintHours(windows, day, [hour, hour + 1], isQuiet));
  };
  const onKey = (event: KeyboardEvent, day: number, hour: number) => {
    const move = MOVES[event.key];
    if (event.key === ' ' || event.key === 'Enter') paint(day, hour, coverageOf(windows, day, hour) !== 'all');
    else if (move === undefined) return;
    else {
      const next = { day: (day + move[0] + 7) % 7, hour: (hour + move[1] + 24) % 24 };
      setFocused(next);
      table.current?.querySelector<HTMLElement>(`[data-cell="${next.day}-${next.hour}"]`)?.focus();
    }
    event.preventDefault();
  };
  return (
    <table
      ref={table}
      className="quiet-week"
      role="grid"
      aria-label="Quiet hours of a week"
      onPointerUp={() => (stroke.current = undefined)}
      onPointerLeave={() => (stroke.current = undefined)}
    >
      <thead>
        <tr role="row">
          <td role="gridcell" />
          {WEEK.map((day) => (
            <th key={day} scope="col" role="columnheader">
              {day}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {HOURS.map((hour) => (
          <tr key={hour} role="row">
            <th scope="row" role="rowheader">
              {String(hour).padStart(2, '0')}:00
            </th>
            {WEEK.map((name, day) => {
              const coverage = coverageOf(windows, day, hour);
              return (
                <td
                  key={name}
                  role="gridcell"
                  data-cell={`${day}-${hour}`}
                  data-coverage={coverage}
                  aria-label={`${name} ${hour}:00, ${WORDS[coverage]}`}
                  tabIndex={focused.day === day && focused.hour === hour ? 0 : -1}
                  onKeyDown={(event) => onKey(event, day, hour)}
                  onFocus={() => setFocused({ day, hour })}
                  onPointerDown={(event) => {
                    event.currentTarget.releasePointerCapture(event.pointerId);
                    stroke.current = coverage !== 'all';
                    paint(day, hour, stroke.current);
                  }}
                  onPointerEnter={() => stroke.current !== undefined && paint(day, hour, stroke.current)}
                />
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
