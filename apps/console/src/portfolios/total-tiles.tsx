import { Money, Time } from '../ui/index.js';
import { flagWords } from './flag-words.js';

interface Amounts {
  currency: string;
  value: string | null;
  dayPnl: string | null;
  known: { value: string; dayPnl: string };
}
interface Total extends Amounts {
  cash: string;
  /** Absent for the parts of one portfolio. */
  portfolios?: number;
}
interface Base extends Amounts {
  fxPnl: string | null;
  rates: readonly { from: string; to: string; price: string; asOf: string }[];
  incomplete: readonly { reason: string; currency?: string | undefined }[];
}

/** One tile a currency, and one for all of them in the base currency of the desk. */
export function TotalTiles({ totals, base }: { totals: readonly Total[]; base?: Base | null | undefined }) {
  return (
    <div className="totals" role="group" aria-label="Totals">
      {base && (
        <div className="total total-base">
          <h2>All in {base.currency}</h2>
          <Figure label="Value" value={base.value} known={base.known.value} currency={base.currency} />
          <Figure label="Day P&L" value={base.dayPnl} known={base.known.dayPnl} currency={base.currency} gain />
          <Figure label="By exchange rates" value={base.fxPnl} currency={base.currency} gain />
          {base.incomplete.map(({ reason, currency }) => (
            <p key={`${reason} ${currency}`} className="note">
              {currency}: {flagWords(reason).long}
            </p>
          ))}
          {base.rates.length > 0 && (
            <details>
              <summary>{base.rates.length} exchange rates</summary>
              <ul>
                {base.rates.map(({ from, to, price, asOf }) => (
                  <li key={from}>
                    1 {from} = {price} {to}, <Time value={asOf} />
                  </li>
                ))}
              </ul>
            </details>
          )}
        </div>
      )}
      {totals.map((total) => (
        <div key={total.currency} className="total">
          <h2>
            {total.currency} {total.portfolios !== undefined && <small>{total.portfolios} portfolios</small>}
          </h2>
          <Figure label="Value" value={total.value} known={total.known.value} currency={total.currency} />
          <Figure label="Day P&L" value={total.dayPnl} known={total.known.dayPnl} currency={total.currency} gain />
          <Figure label="of it cash" value={total.cash} currency={total.currency} />
        </div>
      ))}
    </div>
  );
}

interface FigureProps {
  label: string;
  value: string | null;
  /** Sum of the known parts, shown as such if the figure is unknown. */
  known?: string;
  currency: string;
  gain?: boolean;
}

function Figure({ label, value, known, currency, gain = false }: FigureProps) {
  const partial = value === null && known !== undefined;
  return (
    <div className="amount">
      <span>{partial ? `${label}, known part` : label}</span>
      <Money value={partial ? known : value} currency={currency} {...(gain && { meaning: 'gain' })} />
    </div>
  );
}
