import { z } from 'zod';
import { publishSchemas } from '#schemas';
import { decimalText } from '#decimal';
import { shownTime } from '#time';
import type { KeptWorth } from '../portfolio-worth.js';
import type { ContractName } from '../quotes/quoted-instruments.repository.js';
import type { MovedPosition } from '../valuation/moved-position.js';
import type { ValuedPosition } from '../valuation/position.js';

const amount = decimalText.nullable();
export const positionItem = z.object({
  id: z.string().describe('`portfolioId|key|leg`'),
  portfolioId: z.string(),
  userId: z.uuid(),
  broker: z.string(),
  key: z.string(),
  leg: z.string(),
  instrumentId: z.uuid().nullable().describe('null if no listed contract has the key'),
  tradingsymbol: z.string().nullable(),
  name: z.string().nullable(),
  currency: z.string(),
  quantity: decimalText,
  averagePrice: amount,
  price: amount.describe('null if it is not known'),
  pricedAt: z.iso.datetime().nullable(),
  value: amount,
  unrealised: amount,
  dayPnl: amount,
  exposure: amount,
  dayBasis: z.string().nullable(),
  closeBasis: z.string().nullable(),
  flags: z.array(z.string()).describe('Reasons of `incomplete`: why a figure is null, or what it is assumed by'),
});
export type PositionItem = z.output<typeof positionItem>;

/** What a new price changes. */
type Figures = Pick<PositionItem, 'price' | 'pricedAt' | 'value' | 'unrealised' | 'dayPnl' | 'exposure'>;

/** The JSON text of a row before and after its figures. */
interface Surroundings {
  begin: string;
  end: string;
}

/** A position as its row shows it. Rows of one position share the text that no price changes: a tick writes six figures. */
export class PositionRow implements PositionItem {
  readonly id: string;
  readonly portfolioId: string;
  readonly userId: string;
  readonly broker: string;
  readonly key: string;
  readonly leg: string;
  readonly instrumentId: string | null;
  readonly tradingsymbol: string | null;
  readonly name: string | null;
  readonly currency: string;
  readonly quantity: string;
  readonly averagePrice: string | null;
  readonly price: string | null;
  readonly pricedAt: string | null;
  readonly value: string | null;
  readonly unrealised: string | null;
  readonly dayPnl: string | null;
  readonly exposure: string | null;
  readonly dayBasis: string | null;
  readonly closeBasis: string | null;
  readonly flags: string[];
  /** Made when a text is first asked for: most positions of a large desk are on no screen. */
  readonly #shared: { texts?: Surroundings };

  private constructor(
    constants: Omit<PositionItem, keyof Figures>,
    figures: Figures,
    shared: { texts?: Surroundings },
  ) {
    this.id = constants.id;
    this.portfolioId = constants.portfolioId;
    this.userId = constants.userId;
    this.broker = constants.broker;
    this.key = constants.key;
    this.leg = constants.leg;
    this.instrumentId = constants.instrumentId;
    this.tradingsymbol = constants.tradingsymbol;
    this.name = constants.name;
    this.currency = constants.currency;
    this.quantity = constants.quantity;
    this.averagePrice = constants.averagePrice;
    this.price = figures.price;
    this.pricedAt = figures.pricedAt;
    this.value = figures.value;
    this.unrealised = figures.unrealised;
    this.dayPnl = figures.dayPnl;
    this.exposure = figures.exposure;
    this.dayBasis = constants.dayBasis;
    this.closeBasis = constants.closeBasis;
    this.flags = constants.flags;
    this.#shared = shared;
  }

  static of({ row }: KeptWorth, position: ValuedPosition, names: ReadonlyMap<string, ContractName>): PositionRow {
    const { portfolioId, userId, broker } = row;
    const { key, leg } = position;
    const named = names.get(`${broker} ${key}`);
    const constants = {
      ...{ id: positionId(portfolioId, position), portfolioId, userId, broker, key, leg },
      instrumentId: named?.instrumentId ?? null,
      tradingsymbol: named?.tradingsymbol ?? null,
      name: named?.name ?? null,
      currency: position.currency,
      quantity: position.quantity.shown(),
      averagePrice: position.averagePrice && position.averagePrice.shown(),
      dayBasis: position.dayBasis,
      closeBasis: position.closeBasis,
      flags: [...new Set(position.incomplete.map(({ reason }) => reason))],
    };
    return new PositionRow(constants, figuresOf(position), {});
  }

  /** The row of the same position at another price. */
  movedTo(position: MovedPosition): PositionRow {
    return new PositionRow(this, figuresOf(position), this.#shared);
  }

  /** Its JSON text. Figures and times need no escapes. */
  get text(): string {
    const { begin, end } = (this.#shared.texts ??= this.#surroundings());
    const { price, pricedAt, value, unrealised, dayPnl, exposure } = this;
    // Most are known: these pieces are a third fewer.
    if (
      price !== null &&
      pricedAt !== null &&
      value !== null &&
      unrealised !== null &&
      dayPnl !== null &&
      exposure !== null
    )
      return `${begin}"price":"${price}","pricedAt":"${pricedAt}","value":"${value}","unrealised":"${unrealised}","dayPnl":"${dayPnl}","exposure":"${exposure}",${end}`;
    return `${begin}"price":${quoted(price)},"pricedAt":${quoted(pricedAt)},"value":${quoted(value)},"unrealised":${quoted(unrealised)},"dayPnl":${quoted(dayPnl)},"exposure":${quoted(exposure)},${end}`;
  }

  #surroundings(): Surroundings {
    const { price: _p, pricedAt: _at, value: _v, unrealised: _u, dayPnl: _d, exposure: _e, ...constants } = this;
    const { dayBasis, closeBasis, flags, ...names } = constants;
    return {
      begin: `${JSON.stringify(names).slice(0, -1)},`,
      end: JSON.stringify({ dayBasis, closeBasis, flags }).slice(1),
    };
  }
}

/** One string and not a chain of pieces, because rows are found and ordered by it. */
export function positionId(portfolioId: string, { key, leg }: Pick<ValuedPosition, 'key' | 'leg'>): string {
  return [portfolioId, key, leg].join('|');
}

function figuresOf(position: ValuedPosition): Figures {
  const { decimals } = position;
  const [value, unrealised, dayPnl, exposure] = [
    position.value,
    position.unrealised,
    position.dayPnl,
    position.exposure,
  ];
  return {
    price: position.price && position.price.shown(),
    pricedAt: shownTime(position.pricedAt),
    value: value && value.shown(decimals.value),
    unrealised: unrealised && unrealised.shown(),
    dayPnl: dayPnl && dayPnl.shown(decimals.dayPnl),
    exposure: exposure && exposure.shown(),
  };
}

function quoted(figure: string | null): string {
  return figure === null ? 'null' : `"${figure}"`;
}

publishSchemas({ PositionsPanelRow: positionItem });
