import { useQuery } from '@tanstack/react-query';
import { useDesk } from '@deskwire/client/react';
import { Badge, DecimalText, Time } from '../ui/index.js';
import type { Answer } from '@deskwire/client';

/** What the summaries of this month cost, for operators. */
export function SummaryUsage() {
  const desk = useDesk();
  const { data } = useQuery<Answer<'/v1/filings/usage'>>({
    queryKey: ['/v1/filings/usage'],
    queryFn: () => desk.get('/v1/filings/usage'),
  });
  if (data === undefined || data.provider === 'none') return null;
  const { budget, month } = data;
  return (
    <p className="summary-usage">
      Summaries of {month}: <DecimalText value={budget.spentUsd} digits={4} /> of{' '}
      <DecimalText value={budget.limitUsd} digits={2} /> USD.{' '}
      {budget.exhaustedAt !== null && (
        <>
          <Badge tone="bad">budget spent</Badge> since <Time value={budget.exhaustedAt} />, {budget.notMade} not made.
        </>
      )}
    </p>
  );
}
