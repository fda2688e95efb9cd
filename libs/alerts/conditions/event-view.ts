import { canonicalForm, canonicalTicker } from '#forms';
import type { RecordedRow } from '#events';
import { Decimal } from '#decimal';

/** The part of an event that rules can read. */
export type AlertEvent = Pick<
  RecordedRow,
  'id' | 'type' | 'broker' | 'userId' | 'instrumentId' | 'correlationId' | 'payload' | 'occurredAt'
>;

const PATH = /^(?:type|broker|userId|instrumentId|payload(?:\.[A-Za-z0-9_$-]{1,64}){1,8})$/;
export const TICKERS = [
  'payload.ticker',
  'payload.tickers',
  'payload.symbol',
  'payload.symbols',
  'payload.tradingsymbol',
  'payload.filers.ticker',
  'payload.filers.tickers',
];
const LONGEST_TEXT = 16_384;
const MOST_VALUES = 1_000;

/** Stand for several paths: the places where events carry tickers, and the form of a filing. */
export const TICKER_FIELD = '(ticker)';
export const FORM_FIELD = '(form)';

export const isFieldPath = (path: string): boolean => PATH.test(path);

/** Numbers the fields that rules read. A view keeps the values of a field under its number. */
export class FieldSlots {
  private readonly slots = new Map<string, number>();
  readonly paths: string[] = [];

  slot(path: string): number {
    let slot = this.slots.get(path);
    if (slot === undefined) this.slots.set(path, (slot = this.paths.push(path) - 1));
    return slot;
  }
}

interface Values {
  readonly texts: readonly string[];
  folded?: readonly string[];
  decimals?: readonly Decimal[];
}

/** One event as rules read it. Each field is read and folded once, also for 1,000 rules on one title. */
export class EventView {
  private readonly found: (Values | undefined)[] = [];
  /** Called before each costly test. Throws when the rule has used its time. */
  checkTime: () => void = () => undefined;

  constructor(
    readonly event: AlertEvent,
    private readonly slots: FieldSlots,
  ) {}

  texts(slot: number): readonly string[] {
    return this.values(slot).texts;
  }

  /** Lower case, for tests that ignore case. */
  folded(slot: number): readonly string[] {
    const values = this.values(slot);
    return (values.folded ??= values.texts.map(fold));
  }

  decimals(slot: number): readonly Decimal[] {
    const values = this.values(slot);
    return (values.decimals ??= values.texts.map((text) => Decimal.read(text)).filter((value) => value !== undefined));
  }

  private values(slot: number): Values {
    return (this.found[slot] ??= { texts: textsAt(this.event, this.slots.paths[slot]!) });
  }
}

export function fold(text: string): string {
  return text.toLowerCase();
}

/** Text, numbers and booleans at a path, as text. A list on the path yields each of its items. */
export function textsAt(event: AlertEvent, path: string): string[] {
  if (path === TICKER_FIELD) return [...new Set(TICKERS.flatMap((each) => textsAt(event, each)).map(canonicalTicker))];
  if (path === FORM_FIELD) return textsAt(event, 'payload.form').map(canonicalForm);
  let at: unknown[] = [event];
  for (const key of path.split('.')) at = at.flatMap((value) => step(value, key)).slice(0, MOST_VALUES);
  return at.flatMap((value) => (Array.isArray(value) ? value.slice(0, MOST_VALUES) : [value])).flatMap(scalar);
}

function step(value: unknown, key: string): unknown[] {
  if (Array.isArray(value)) {
    if (/^\d{1,4}$/.test(key)) return value[Number(key)] === undefined ? [] : [value[Number(key)]];
    return value.slice(0, MOST_VALUES).flatMap((item) => (Array.isArray(item) ? [] : step(item, key)));
  }
  // Own members only: `constructor` and `__proto__` are no fields of an event.
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? [(value as Record<string, unknown>)[key]]
    : [];
}

function scalar(value: unknown): string[] {
  if (typeof value === 'string') return [value.length > LONGEST_TEXT ? value.slice(0, LONGEST_TEXT) : value];
  return typeof value === 'number' || typeof value === 'boolean' ? [String(value)] : [];
}
