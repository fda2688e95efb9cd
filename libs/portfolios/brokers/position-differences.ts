import { Decimal } from '#decimal';

/** A position as the snapshot or the broker has it. */
export interface ComparedPosition {
  key: string;
  leg?: string | undefined;
  quantity: string;
  averagePrice: string | null;
}

export interface PositionDifference {
  key: string;
  leg: string | null;
  /** `missing`: the broker has it and the snapshot does not. `unknown`: the other way round. */
  difference: 'missing' | 'unknown' | 'quantity' | 'averagePrice';
  snapshot: { quantity: string; averagePrice: string | null } | null;
  broker: { quantity: string; averagePrice: string | null } | null;
  /** What the broker has more than the snapshot. */
  quantityDifference: string;
}

/** Brokers round averages. A smaller part of the price is no difference. */
const BASIS_POINT = Decimal.of(1n, 4);

/**
 * Compares positions by key and leg; a quantity of 0 is no position. Sorted by key and leg.
 * @returns the differences, and the number of positions that agree
 */
export function positionDifferences(
  snapshot: readonly ComparedPosition[],
  broker: readonly ComparedPosition[],
): { differences: PositionDifference[]; equal: number } {
  const [ours, theirs] = [byIdentity(snapshot), byIdentity(broker)];
  const differences: PositionDifference[] = [];
  let equal = 0;
  for (const identity of [...new Set([...ours.keys(), ...theirs.keys()])].sort()) {
    const [own, other] = [ours.get(identity), theirs.get(identity)];
    const difference = differenceOf(own, other);
    if (difference === undefined) {
      equal++;
      continue;
    }
    const { key, leg } = (own ?? other)!;
    const quantity = (position: ComparedPosition | undefined) => Decimal.parse(position?.quantity ?? '0');
    differences.push({
      key,
      leg: leg ?? null,
      difference,
      snapshot: figuresOf(own),
      broker: figuresOf(other),
      quantityDifference: quantity(other).minus(quantity(own)).trimmed().toString(),
    });
  }
  return { differences, equal };
}

function differenceOf(
  own: ComparedPosition | undefined,
  other: ComparedPosition | undefined,
): PositionDifference['difference'] | undefined {
  if (own === undefined) return 'missing';
  if (other === undefined) return 'unknown';
  if (Decimal.parse(own.quantity).compare(Decimal.parse(other.quantity)) !== 0) return 'quantity';
  if (own.averagePrice === null || other.averagePrice === null) return undefined;
  const [ours, theirs] = [Decimal.parse(own.averagePrice), Decimal.parse(other.averagePrice)];
  return ours.minus(theirs).abs().compare(theirs.abs().times(BASIS_POINT)) > 0 ? 'averagePrice' : undefined;
}

function byIdentity(positions: readonly ComparedPosition[]): Map<string, ComparedPosition> {
  const held = positions.filter(({ quantity }) => Decimal.parse(quantity).sign !== 0);
  return new Map(held.map((position) => [JSON.stringify([position.key, position.leg ?? '']), position]));
}

function figuresOf(position: ComparedPosition | undefined): PositionDifference['snapshot'] {
  return position === undefined ? null : { quantity: position.quantity, averagePrice: position.averagePrice };
}
