import { memo, type ReactNode, useEffect, useRef } from 'react';
import type { Column } from './column.js';

export interface RowActs<Row> {
  open: (row: Row) => void;
  focus: (row: Row) => void;
  toggle: (row: Row) => void;
}

interface DataRowProps<Row> {
  row: Row;
  index: number;
  columns: readonly Column<Row>[];
  acts: RowActs<Row>;
  clickable: boolean;
  selected: boolean | undefined;
  tabStop: boolean;
  tone: 'bad' | 'warn' | undefined;
}

/** Controls in a row have clicks of their own. */
const CONTROLS = 'a, button, input, label, select, textarea';

function Row<Data>({ row, index, columns, acts, clickable, selected, tabStop, tone }: DataRowProps<Data>) {
  return (
    <tr
      className="table-row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      data-index={index}
      data-clickable={clickable || undefined}
      data-tone={tone}
      tabIndex={tabStop ? 0 : -1}
      onFocus={() => acts.focus(row)}
      onClick={(event) => {
        if ((event.target as Element).closest(CONTROLS) === null && String(getSelection()) === '') acts.open(row);
      }}
    >
      {selected !== undefined && (
        <td>
          <input
            type="checkbox"
            tabIndex={-1}
            aria-label="Select this row"
            checked={selected}
            onChange={() => acts.toggle(row)}
          />
        </td>
      )}
      {columns.map((column) => (
        <Cell key={column.key} align={column.align} mark={column.mark?.(row)}>
          {column.cell(row)}
        </Cell>
      ))}
    </tr>
  );
}

/** Rendered again only when the object of the row, its place, its selection or the columns change. */
export const DataRow = memo(Row) as typeof Row;

interface CellProps {
  align: 'end' | undefined;
  mark: string | number | null | undefined;
  children: ReactNode;
}

function Cell({ align, mark, children }: CellProps) {
  const cell = useRef<HTMLTableCellElement>(null);
  const before = useRef(mark);
  useEffect(() => {
    if (before.current === mark) return;
    before.current = mark;
    markForAMoment(cell.current!);
  }, [mark]);
  return (
    <td ref={cell} data-align={align}>
      {children}
    </td>
  );
}

/** A mark stays this long at least. */
const MARK_MS = 1_000;
/** Without a change for this long, a timer ends the last marks. */
const QUIET_MS = 1_500;
/** When the mark of each cell may end, earliest first. */
const marked = new Map<Element, number>();
let changedAt = 0;
let waiting = false;

/**
 * One attribute on, one off. Marks end when other cells are marked, because that paints anyway: a timer would paint once more each
 * second. An animation would paint each frame, and restarting it takes a layout for each cell.
 */
function markForAMoment(cell: Element): void {
  changedAt = performance.now();
  endMarks(changedAt);
  cell.setAttribute('data-marked', '');
  marked.delete(cell);
  marked.set(cell, changedAt + MARK_MS);
  if (!waiting) endMarksWhenQuiet(QUIET_MS);
}

function endMarks(now: number): void {
  for (const [cell, until] of marked) {
    if (until > now) return;
    cell.removeAttribute('data-marked');
    marked.delete(cell);
  }
}

function endMarksWhenQuiet(afterMs: number): void {
  waiting = true;
  setTimeout(() => {
    const left = changedAt + QUIET_MS - performance.now();
    waiting = left > 0;
    if (waiting) endMarksWhenQuiet(left);
    else endMarks(Infinity);
  }, afterMs);
}
