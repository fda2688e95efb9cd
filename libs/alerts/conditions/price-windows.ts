import { Decimal } from '#decimal';
import type { EventView } from './event-view.js';

/** The lowest and highest price of the instrument of an event in a window before it, without the event itself. */
export interface PriceWindow {
  eventId: string;
  field: string;
  seconds: number;
  /** Decimal strings. */
  low: string;
  high: string;
}

/** Finds the window of a test. Undefined without a price. */
export type PriceWindows = (
  view: EventView,
  field: string,
  seconds: number,
) => { low: Decimal; high: Decimal } | undefined;

export function priceWindows(windows: readonly PriceWindow[]): PriceWindows {
  const found = new Map(
    windows.map(({ eventId, field, seconds, low, high }) => [
      keyOf(eventId, field, seconds),
      { low: Decimal.parse(low), high: Decimal.parse(high) },
    ]),
  );
  return (view, field, seconds) => found.get(keyOf(view.event.id, field, seconds));
}

const keyOf = (eventId: string, field: string, seconds: number): string => `${eventId} ${seconds} ${field}`;
