import type { Virtualizer } from '@tanstack/react-virtual';
import type { KeyboardEvent, RefObject } from 'react';
import type { DataTableProps } from './column.js';

interface RowKeysOptions<Row> {
  scroller: RefObject<HTMLDivElement | null>;
  virtualizer: Virtualizer<HTMLDivElement, Element>;
  model: readonly { id: string; original: object }[];
  /** Index of the active row, or -1. */
  position: number;
  props: RefObject<DataTableProps<Row>>;
  setActive: (key: string) => void;
}

const PAGE = 15;

/** The keys of a table: they move the focus between rows, also to rows that are not in the document yet. */
export function useRowKeys<Row extends object>(options: RowKeysOptions<Row>) {
  const { scroller, virtualizer, model, position, props, setActive } = options;
  const go = (index: number) => {
    const to = Math.max(0, Math.min(model.length - 1, index));
    virtualizer.scrollToIndex(to);
    setActive(model[to]!.id);
    focusRow(scroller.current, to);
  };
  return (event: KeyboardEvent) => {
    const inRow = (event.target as Element).classList.contains('table-row');
    if (!inRow || event.ctrlKey || event.metaKey || event.altKey) return;
    const row = model[position]?.original as Row | undefined;
    if (!act(event.key)) return;
    event.preventDefault();
    event.stopPropagation();

    function act(key: string): boolean {
      if (key === 'ArrowDown' || key === 'j') go(position + 1);
      else if (key === 'ArrowUp' || key === 'k') go(position - 1);
      else if (key === 'Home') go(0);
      else if (key === 'End') go(model.length - 1);
      else if (key === 'PageDown') go(position + PAGE);
      else if (key === 'PageUp') go(position - PAGE);
      else if (row === undefined) return false;
      else if ((key === 'Enter' || key === 'o') && props.current.onRow) props.current.onRow(row);
      else if ((key === ' ' || key === 'x') && props.current.selection) {
        const { keys, onChange } = props.current.selection;
        const next = new Set(keys);
        const own = props.current.rowKey(row);
        if (!next.delete(own)) next.add(own);
        onChange(next);
      } else if (props.current.keys?.[key]) props.current.keys[key](row);
      else return false;
      return true;
    }
  };
}

/** A row that comes into the document with the scroll gets the focus a frame later. */
function focusRow(scroller: HTMLDivElement | null, index: number, attempts = 4): void {
  const row = scroller?.querySelector<HTMLElement>(`tr[data-index="${index}"]`);
  if (row) row.focus({ preventScroll: false });
  else if (attempts > 0) requestAnimationFrame(() => focusRow(scroller, index, attempts - 1));
}
