import { columnVisibilityFeature, tableFeatures, useTable } from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { Column, DataTableProps, Selection } from './column.js';
import { DataRow, type RowActs } from './data-row.js';
import { detailOf } from '../detail-of.js';
import { Icon } from '../icon.js';
import { useNarrow } from '../narrow.js';
import { Empty } from '../page.js';
import { usePreferences } from '../preferences.js';
import { useRowKeys } from './row-keys.js';

const features = tableFeatures({ columnVisibilityFeature });
const ROW_HEIGHT = { comfortable: 32, compact: 25 } as const;
const OVERSCAN = 8;
const NEAR_END = 20;
const SELECT_WIDTH = 34;
const MIN_WIDTH = 110;

/** Rows of any number: only those in sight are in the document. Up, down, `j`, `k`, Home and End move between rows. */
export function DataTable<Row extends object>(props: DataTableProps<Row>) {
  const { columns, rows, rowKey, selection, onEnd, empty, busy, problem, height, sort } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const { density } = usePreferences();
  const narrow = useNarrow();
  const byKey = useMemo(() => new Map(columns.map((column) => [column.key, column])), [columns]);
  const definitions = useMemo(() => columns.map(({ key, title }) => ({ id: key, header: title })), [columns]);
  const columnVisibility = useMemo(
    () => Object.fromEntries(columns.map(({ key, wide }) => [key, !(wide && narrow)])),
    [columns, narrow],
  );
  const table = useTable({
    features,
    columns: definitions,
    data: rows as Row[],
    getRowId: rowKey,
    state: { columnVisibility },
  });
  const shown = table.getVisibleLeafColumns().map(({ id }) => byKey.get(id)!);
  const shownKey = shown.map(({ key }) => key).join();
  // The same array while the same columns are shown, so that rows need not be rendered again.
  const cells = useMemo(() => shown, [columns, shownKey]); // oxlint-disable-line react/exhaustive-deps
  const model = table.getRowModel().rows;
  const rowHeight = ROW_HEIGHT[density];
  // The compiler of React does not run here, and rows are memoized by hand.
  // oxlint-disable-next-line react/incompatible-library
  const virtualizer = useVirtualizer({
    count: model.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => model[index]?.id ?? index,
    overscan: OVERSCAN,
  });
  useEffect(() => virtualizer.measure(), [rowHeight, virtualizer]);
  const items = virtualizer.getVirtualItems();
  const last = items.at(-1)?.index ?? -1;
  useEffect(() => {
    if (last >= 0 && last >= rows.length - NEAR_END) onEnd?.();
  }, [last, rows.length, onEnd]);

  const [active, setActive] = useState<string>();
  const position = active === undefined ? -1 : model.findIndex(({ id }) => id === active);
  const latest = useRef(props);
  useLayoutEffect(() => {
    latest.current = props;
  });
  const acts = useMemo<RowActs<Row>>(
    () => ({
      open: (row) => latest.current.onRow?.(row),
      focus: (row) => setActive(latest.current.rowKey(row)),
      toggle: (row) => toggle(latest.current.selection, latest.current.rowKey(row)),
    }),
    [],
  );
  const onKeyDown = useRowKeys({ scroller, virtualizer, model, position, props: latest, setActive });
  const first = items[0];
  const below = virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0);
  const width = (selection ? SELECT_WIDTH : 0) + cells.reduce((sum, column) => sum + (column.width ?? MIN_WIDTH), 0);
  if (rows.length === 0 && busy) return <p className="table-busy">Loading…</p>;
  if (rows.length === 0 && problem) return <Empty title={detailOf(problem)} next="Change the filters, or try again." />;
  if (rows.length === 0) return <>{empty}</>;
  const tabStop = position < 0 ? (first?.index ?? 0) : position;
  const scrolling = (
    <div
      className="table-scroll"
      ref={scroller}
      style={height === undefined ? undefined : { maxHeight: height, flex: 'none' }}
      onKeyDown={onKeyDown}
    >
      <table
        className="table"
        role="grid"
        aria-label={props.label}
        aria-rowcount={rows.length + 1}
        style={{ minWidth: width }}
      >
        <colgroup>
          {selection && <col style={{ width: SELECT_WIDTH }} />}
          {cells.map(({ key, width: px }) => (
            <col key={key} style={px === undefined ? undefined : { width: px }} />
          ))}
        </colgroup>
        <thead>
          <tr aria-rowindex={1}>
            {selection && (
              <th scope="col">
                <SelectAll selection={selection} all={model.map(({ id }) => id)} />
              </th>
            )}
            {cells.map((column) => (
              <Heading key={column.key} column={column} sort={sort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {first && first.start > 0 && <Spacer height={first.start} />}
          {items.map(({ index, key }) => {
            const row = model[index];
            return (
              row && (
                <DataRow
                  key={key}
                  row={row.original as Row}
                  index={index}
                  columns={cells as readonly Column<Row>[]}
                  acts={acts}
                  clickable={props.onRow !== undefined}
                  selected={selection?.keys.has(row.id)}
                  tabStop={index === tabStop}
                  tone={props.tone?.(row.original as Row)}
                />
              )
            );
          })}
          {below > 0 && <Spacer height={below} />}
        </tbody>
      </table>
    </div>
  );
  // Before the rows and not around them, so that they keep their place when a problem comes and goes.
  return (
    <>
      {problem && (
        <p className="table-problem" role="status">
          <Icon name="warning" /> These rows are of an earlier answer: {detailOf(problem)}
        </p>
      )}
      {scrolling}
    </>
  );
}

function Spacer({ height }: { height: number }) {
  return (
    <tr className="table-spacer" aria-hidden="true">
      <td style={{ height }} />
    </tr>
  );
}

function Heading<Row>({ column, sort }: { column: Column<Row>; sort: DataTableProps<Row>['sort'] }) {
  const { title, align, sort: name } = column;
  if (name === undefined || sort === undefined) {
    return (
      <th scope="col" data-align={align}>
        {title}
      </th>
    );
  }
  const state = sort.value === name ? 'ascending' : sort.value === `-${name}` ? 'descending' : 'none';
  return (
    <th scope="col" data-align={align} aria-sort={state}>
      <button type="button" className="sort" onClick={() => sort.onChange(state === 'descending' ? name : `-${name}`)}>
        {title}
        {state !== 'none' && <Icon name={state === 'ascending' ? 'up' : 'down'} />}
      </button>
    </th>
  );
}

function SelectAll({ selection, all }: { selection: Selection; all: readonly string[] }) {
  const checked = all.length > 0 && all.every((key) => selection.keys.has(key));
  return (
    <input
      type="checkbox"
      aria-label="Select all loaded rows"
      checked={checked}
      ref={(box) => {
        if (box) box.indeterminate = !checked && selection.keys.size > 0;
      }}
      onChange={() => selection.onChange(new Set(checked ? [] : all))}
    />
  );
}

function toggle(selection: Selection | undefined, key: string): void {
  if (selection === undefined) return;
  const keys = new Set(selection.keys);
  if (!keys.delete(key)) keys.add(key);
  selection.onChange(keys);
}
