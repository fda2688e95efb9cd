import { Badge, DecimalText, Drawer, detailOf, Empty, Time } from '../ui/index.js';
import { useDesk } from '@deskwire/client/react';
import { useQuery } from '@tanstack/react-query';

const DIFFERENCES = {
  missing: 'The broker has it, the snapshot does not',
  unknown: 'The snapshot has it, the broker does not',
  quantity: 'Another quantity',
  averagePrice: 'Another average price',
} as const;

/** A portfolio's snapshot beside what its broker has now. */
export function BrokerComparison({ portfolioId, onClose }: { portfolioId: string; onClose: () => void }) {
  const desk = useDesk();
  const compared = useQuery({
    queryKey: ['/v1/portfolios/{id}/reconciliation', portfolioId],
    queryFn: () => desk.get('/v1/portfolios/{id}/reconciliation', { params: { id: portfolioId } }),
    retry: false,
    staleTime: 0,
  });
  const found = compared.data;
  return (
    <Drawer title={`${portfolioId} and its broker`} onClose={onClose}>
      {compared.isPending && <p role="status">Asking the broker ..</p>}
      {compared.error && <Empty title="The broker gave no positions" next={detailOf(compared.error)} />}
      {found && (
        <>
          <p className="aside">
            <Badge tone={found.agrees ? 'good' : 'warn'}>
              {found.agrees ? 'agrees' : `${found.differences.length} differences`}
            </Badge>
            <span>{found.equal} positions agree</span>
            <span>
              compared <Time value={found.comparedAt} /> with the snapshot of <Time value={found.snapshotAsOf} />
            </span>
          </p>
          {found.differences.length > 0 && (
            <table className="plain">
              <thead>
                <tr>
                  <th>Key</th>
                  <th>Difference</th>
                  <th className="num">Snapshot</th>
                  <th className="num">Broker</th>
                  <th className="num">Broker has more</th>
                </tr>
              </thead>
              <tbody>
                {found.differences.map((row) => (
                  <tr key={`${row.key} ${row.leg}`}>
                    <td>{row.leg === null ? row.key : `${row.key}, ${row.leg}`}</td>
                    <td>{DIFFERENCES[row.difference]}</td>
                    <td className="num">
                      <DecimalText value={row.snapshot?.quantity ?? null} />
                    </td>
                    <td className="num">
                      <DecimalText value={row.broker?.quantity ?? null} />
                    </td>
                    <td className="num">
                      <DecimalText value={row.quantityDifference} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
          {found.notes.map((note) => (
            <p key={note} className="note">
              {note}
            </p>
          ))}
        </>
      )}
    </Drawer>
  );
}
