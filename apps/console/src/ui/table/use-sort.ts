import { useUrlState } from '../url-state.js';

/** The order of a list, for `DataTable` and for the query of the list. */
export interface Sort {
  value: string;
  onChange: (order: string) => void;
}

/**
 * The order of a list by the headings of its table, in the address as `sort`. What no heading sorts by, such as the order of
 * another tab, is the initial order.
 */
export function useSort(columns: readonly { sort?: string }[], initial: string): Sort {
  const [order, onChange] = useUrlState<string>('sort', initial);
  const isOfColumn = columns.some(({ sort }) => sort !== undefined && sort === order.replace(/^-/, ''));
  return { value: isOfColumn ? order : initial, onChange };
}
