import type { Direction } from './price-move.js';

/** A test of one field. Ignores case unless `caseSensitive`. Of a list of values one is enough. */
export type TextTest =
  | {
      field: string;
      op: 'equals' | 'contains' | 'startsWith';
      value: string;
      caseSensitive?: boolean | undefined;
    }
  /** A regular expression. */
  | { field: string; op: 'matches'; value: string; caseSensitive?: boolean | undefined }
  | { field: string; op: 'in'; values: string[]; caseSensitive?: boolean | undefined };

/** Decimal strings, compared exactly. A field that holds no number does not match. */
export type NumberTest =
  | { field: string; op: 'eq' | 'gt' | 'gte' | 'lt' | 'lte'; value: string }
  | { field: string; op: 'between'; low: string; high: string };

/** A price that moved since another field of the same event (`from`), or since its lowest or highest in a window before it. */
export interface MoveTest {
  field: string;
  op: 'moved';
  by: string;
  unit: 'percent' | 'absolute';
  direction: Direction;
  from?: string | undefined;
  withinSeconds?: number | undefined;
}

export type Test =
  | TextTest
  | NumberTest
  | MoveTest
  | { op: 'exists'; field: string }
  /** Any of these tickers, wherever the event carries them. */
  | { op: 'ticker'; values: string[] }
  /** Any of these forms, also by another name: `SC 13D` is `SCHEDULE 13D`. `8-K` includes 8-K/A only with `amendments`. */
  | { op: 'form'; values: string[]; amendments?: boolean | undefined };

/** The condition tree of a rule. */
export type Condition = { all: Condition[] } | { any: Condition[] } | { not: Condition } | Test;
