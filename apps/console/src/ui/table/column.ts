import type { ReactNode } from 'react';

export interface Column<Row> {
  key: string;
  title: string;
  cell: (row: Row) => ReactNode;
  /** In pixels. Columns without it share the rest. */
  width?: number;
  align?: 'end';
  /** Not shown below 640 pixels. */
  wide?: boolean;
  /** A change of this value marks the cell for a moment. */
  mark?: (row: Row) => string | number | null | undefined;
  /** The name by which the server sorts: the heading becomes a button. */
  sort?: string;
}

export interface Selection {
  keys: ReadonlySet<string>;
  onChange: (keys: ReadonlySet<string>) => void;
}

export interface DataTableProps<Row> {
  /** Names the table for screen readers. */
  label: string;
  /** Defined once, outside of the component or by `useMemo`: rows whose object and columns stay are not rendered again. */
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  /** Enter, `o` or a click on a row. */
  onRow?: (row: Row) => void;
  /** Keys on the focused row, such as `{ a: acknowledge }`. */
  keys?: Readonly<Record<string, (row: Row) => void>>;
  /** Space, `x` or the box of a row. */
  selection?: Selection;
  /** The last row is near: load more. */
  onEnd?: (() => void) | undefined;
  sort?: { value: string; onChange: (value: string) => void };
  /** The tone of a whole row, such as `bad` for an unacknowledged critical alert. */
  tone?: (row: Row) => 'bad' | 'warn' | undefined;
  busy?: boolean;
  /** Why the rows could not be read: above the rows of an earlier answer, or in place of `empty`. */
  problem?: Error | null;
  /** What it means that there are no rows. */
  empty: ReactNode;
  /** Maximum height in pixels. Without it the table takes the rest of the page. */
  height?: number;
}
