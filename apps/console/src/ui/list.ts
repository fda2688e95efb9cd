import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import type { ItemOf, ListPath, QueryOf } from '@deskwire/client';
import { useDesk } from '@deskwire/client/react';

interface CursorPage<Row> {
  items: Row[];
  nextCursor?: string | null;
}

export interface List<Row> {
  rows: readonly Row[];
  /** Nothing was answered yet. */
  busy: boolean;
  /** The problem of the last request, while rows of an earlier one may be shown. */
  problem: Error | null;
  /** Loads the next page; undefined at the end of the list. */
  onEnd: (() => void) | undefined;
  refresh: () => void;
  /** Pages that are loaded: a refresh reads each of them. */
  pages: number;
}

interface ListOptions {
  /** Members of the path, such as `{ id }`. */
  params?: Readonly<Record<string, string>>;
  /** False: nothing is asked yet. */
  enabled?: boolean;
}

/** Rows of each further page: a person who scrolls that far reads fast. */
const NEXT_ROWS = 300;

/** A list of the API with its further pages, for `DataTable`: `<DataTable {...list} columns={..} />`. Empty filters are left out. */
export function useList<Path extends ListPath>(
  path: Path,
  query: { [Name in keyof QueryOf<Path>]?: QueryOf<Path>[Name] | '' } = {},
  { params, enabled = true }: ListOptions = {},
): List<ItemOf<Path>> {
  const desk = useDesk();
  const filters = filledOf(query);
  const { data, isPending, error, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = useInfiniteQuery({
    queryKey: [path, filters, params],
    queryFn: async ({ pageParam, signal }) => {
      const init = { params, signal, query: { ...filters, ...(pageParam && { cursor: pageParam, limit: NEXT_ROWS }) } };
      return (await desk.get(path, init as never)) as CursorPage<ItemOf<Path>>;
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
    enabled,
  });
  const rows = useMemo(() => data?.pages.flatMap(({ items }) => items) ?? NOTHING, [data]);
  const more = useCallback(() => void fetchNextPage({ cancelRefetch: false }), [fetchNextPage]);
  const refresh = useCallback(() => void refetch(), [refetch]);
  const onEnd = hasNextPage && !isFetchingNextPage ? more : undefined;
  return { rows, busy: isPending && enabled, problem: error, onEnd, refresh, pages: data?.pages.length ?? 1 };
}

/** A query without its empty filters, which the desk would refuse. */
export function filledOf(query: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined && value !== ''));
}

const NOTHING: never[] = [];
