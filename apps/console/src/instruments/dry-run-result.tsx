import type { Answer } from '@deskwire/client';
import { Badge } from '../ui/index.js';
import { ImportCounts } from './import-counts.js';
import { IssueTable } from './issue-table.js';

export type DryRun = Extract<Answer<'/v1/instruments/imports', 'post'>, { dryRun: true }>;

const TONES = { insert: 'info', update: 'warn', relist: 'info', unchanged: 'plain' } as const;

/** What an import would do: counts, the first rows, and the rows that it would quarantine. */
export function DryRunResult({ tried }: { tried: DryRun }) {
  return (
    <section aria-label="What the import would do" className="import-result">
      {tried.refusal ? (
        <p role="alert" className="upload-problem">
          The import would be refused: {tried.refusal.detail} <code>{tried.refusal.code}</code>
        </p>
      ) : (
        <p>
          Read by <b>{tried.master}</b>, {tried.whole ? 'a whole master' : 'a part of a master, which delists nothing'}{' '}
          of {tried.exchanges.join(', ')}. Nothing is stored yet.
        </p>
      )}
      <ImportCounts counts={tried} />
      {tried.rows.length > 0 && (
        <div className="scroll">
          <table className="plain">
            <caption>The first rows</caption>
            <thead>
              <tr>
                <th className="num">Line</th>
                <th>Act</th>
                <th>Symbol</th>
                <th>Name</th>
                <th>Exchange</th>
                <th>Type</th>
                <th>Expiry</th>
                <th className="num">Strike</th>
                <th className="num">Lot</th>
                <th className="num">Tick</th>
              </tr>
            </thead>
            <tbody>
              {tried.rows.map((row) => (
                <tr key={row.line}>
                  <td className="num">{row.line}</td>
                  <td>
                    <Badge tone={TONES[row.action]}>{row.action}</Badge>
                  </td>
                  <td>{row.tradingsymbol}</td>
                  <td>{row.name}</td>
                  <td>{row.exchange}</td>
                  <td>{row.type}</td>
                  <td>{row.expiry}</td>
                  <td className="num">{row.strike}</td>
                  <td className="num">{row.lotSize}</td>
                  <td className="num">{row.tickSize}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <IssueTable issues={tried.issues} />
    </section>
  );
}
