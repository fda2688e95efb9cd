import type { ReactNode } from 'react';
import { Button } from '../ui/index.js';

interface AccessTableProps<Row extends { id: string }> {
  rows: readonly Row[];
  columns: readonly { title: string; cell: (row: Row) => ReactNode }[];
  /** What one does with a row, such as "End". */
  act: string;
  /** Names act and row for screen readers. */
  labelOf: (row: Row) => string;
  onAct: (row: Row) => Promise<void>;
  /** The same act for all rows. */
  actOnAll: string;
  onAll: () => Promise<void>;
}

/** Ways in which a user reaches the desk, each with an act that ends it. */
export function AccessTable<Row extends { id: string }>(props: AccessTableProps<Row>) {
  const { rows, columns, act, labelOf, onAct, actOnAll, onAll } = props;
  return (
    <div className="sheet-body scroll">
      <table className="plain">
        <thead>
          <tr>
            {columns.map(({ title }) => (
              <th key={title}>{title}</th>
            ))}
            <th>
              <span className="visually-hidden">Act</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              {columns.map(({ title, cell }) => (
                <td key={title}>{cell(row)}</td>
              ))}
              <td>
                <Button aria-label={labelOf(row)} onClick={() => void onAct(row)}>
                  {act}
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > 1 && (
        <Button tone="bad" onClick={() => void onAll()}>
          {actOnAll}
        </Button>
      )}
    </div>
  );
}
