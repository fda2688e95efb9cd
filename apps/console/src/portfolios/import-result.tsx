import type { Answer } from '@deskwire/client';
import { Badge, DecimalText, Money, Time } from '../ui/index.js';
import { Flags } from './flags.js';

export type PortfolioImport = Answer<'/v1/portfolios/{id}/snapshot', 'post'>;
const SHOWN = 50;

/** What the desk read in the documents, before anything is stored. */
export function ImportResult({ read }: { read: PortfolioImport }) {
  const { worth } = read;
  const rows = read.positions.slice(0, SHOWN);
  return (
    <section aria-label="What was read" className="import-result">
      <p className="aside">
        <Badge tone={read.status === 'stale' ? 'warn' : 'info'}>
          {read.status === 'stale' ? 'not stored: the desk has a newer one' : 'read, not stored'}
        </Badge>
        <span>
          {read.broker}, account {read.account}
        </span>
        <span>
          as of <Time value={read.asOf} />
        </span>
        <span>{read.positions.length} positions</span>
        <span>
          value <Money value={worth.value ?? worth.known.value} currency={read.currency} />
        </span>
        <span>
          day P&L <Money value={worth.dayPnl ?? worth.known.dayPnl} currency={read.currency} meaning="gain" />
        </span>
        {read.cash.map(({ currency, amount }) => (
          <span key={currency}>
            cash <Money value={amount} currency={currency} />
          </span>
        ))}
        <Flags reasons={worth.incomplete.map(({ reason }) => reason)} />
      </p>
      {(['value', 'dayPnl'] as const).map((figure) => {
        const compared = worth.reconciliation?.[figure];
        return (
          compared && (
            <p key={figure} className="note">
              {figure === 'value' ? 'Value' : 'Day P&L'} of the broker <DecimalText value={compared.given} />, ours{' '}
              <DecimalText value={compared.computed} />, difference <DecimalText value={compared.difference} />
            </p>
          )
        );
      })}
      {read.notes.map((note) => (
        <p key={note} className="note">
          {note}
        </p>
      ))}
      {rows.length > 0 && (
        <div className="scroll">
          <table className="plain">
            <thead>
              <tr>
                <th>Symbol</th>
                <th>Key</th>
                <th className="num">Quantity</th>
                <th className="num">Average</th>
                <th className="num">Price</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((position) => (
                <tr key={`${position.key} ${position.leg}`}>
                  <td>{position.symbol}</td>
                  <td>{position.key}</td>
                  <td className="num">
                    <DecimalText value={position.quantity} />
                  </td>
                  <td className="num">
                    <DecimalText value={position.averagePrice} />
                  </td>
                  <td className="num">
                    <DecimalText value={position.lastPrice} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {read.positions.length > SHOWN && <p className="note">and {read.positions.length - SHOWN} more</p>}
      <details>
        <summary>What was understood and what was left out</summary>
        <ul>
          {read.understood.map(({ name, rows: count }) => (
            <li key={name}>
              {name}: {count} rows read
            </li>
          ))}
          {read.ignored.rows.map(({ rows: name, count }) => (
            <li key={name}>
              {count} rows left out: {name}
            </li>
          ))}
          {read.ignored.columns.length > 0 && <li>Columns that are not used: {read.ignored.columns.join(', ')}</li>}
          {read.rates.map(({ base, quote, price }) => (
            <li key={base + quote}>
              Rate of the documents, not stored: 1 {base} = {price} {quote}
            </li>
          ))}
        </ul>
      </details>
    </section>
  );
}
