import { Decimal } from '#decimal';
import { Amount } from './amount.js';

/** A broker's figure beside ours, both at the snapshot. Marks move both by the same, so the difference stays. */
export interface Reconciliation {
  given: string;
  computed: string;
  difference: string;
}

/** Differences up to a hundredth a position or a basis point of the figure are rounding. */
const CENT = Decimal.of(1n, 2);
const BASIS_POINT = Decimal.of(1n, 4);

export function reconcile(
  given: string,
  computed: Amount,
  positions: number,
): { shown: Reconciliation; difference: Amount; differs: boolean } {
  const figure = Decimal.parse(given);
  const difference = Amount.of(figure).minus(computed);
  const [some, part] = [CENT.times(Decimal.of(BigInt(positions))), figure.abs().times(BASIS_POINT)];
  const tolerance = Amount.of(some.compare(part) > 0 ? some : part);
  const shown = { given, computed: computed.shown(), difference: difference.shown(figure.scale) };
  return { shown, difference, differs: difference.abs().compare(tolerance) > 0 };
}
