import { Badge, Button, DecimalText, detailOf, Empty, Page, Time } from '../ui/index.js';
import { useDesk, useLive, usePanel } from '@deskwire/client/react';
import { useQuery } from '@tanstack/react-query';
import { FollowButton, FollowedProvider } from './follow-button.js';
import { OptionChain } from './option-chain.js';
import { underlyingOf } from './underlying.js';

/** One contract: its terms, its last price, and the series of its underlying. */
export function ContractView({ id, onOpen }: { id: string; onOpen: (id: string) => void }) {
  const desk = useDesk();
  const found = useQuery({
    queryKey: ['/v1/instruments/{id}', id],
    queryFn: () => desk.get('/v1/instruments/{id}', { params: { id } }),
  });
  const contract = found.data;
  const live = useLive({ quotes: { instrumentIds: [id] } });
  const quote = usePanel(live, 'quotes', (panel) => panel.rows[id]);
  return (
    <Page
      title={contract?.tradingsymbol ?? 'Contract'}
      actions={
        <>
          <Button onClick={() => onOpen('')}>All contracts</Button>
          {contract && (
            <FollowedProvider>
              <FollowButton id={id} symbol={contract.tradingsymbol} />
            </FollowedProvider>
          )}
        </>
      }
    >
      {found.error && (
        <Empty title="This contract cannot be shown" next={`${detailOf(found.error)} Search it again.`} />
      )}
      {contract && (
        <>
          <p className="aside">
            <b>{contract.name}</b>
            <span>
              {contract.exchange} at {contract.broker}
            </span>
            {contract.delistedAt !== null && (
              <Badge tone="warn">
                delisted <Time value={contract.delistedAt} />
              </Badge>
            )}
          </p>
          <dl className="terms">
            <Term name="Last price">
              {quote && quote.price !== null ? (
                <>
                  <DecimalText value={quote.price} /> {quote.currency}
                </>
              ) : (
                'no quote yet'
              )}
            </Term>
            {quote && quote.price !== null && (
              <>
                <Term name="Priced">
                  <Time value={quote.asOf} />
                </Term>
                <Term name="Previous close">
                  <DecimalText value={quote.previousClose} />
                </Term>
              </>
            )}
            <Term name="Key">{contract.key}</Term>
            <Term name="Segment">{contract.segment}</Term>
            <Term name="Type">{contract.type}</Term>
            <Term name="Expiry">{contract.expiry}</Term>
            <Term name="Strike">
              {contract.strike && /[1-9]/.test(contract.strike) && <DecimalText value={contract.strike} />}
            </Term>
            <Term name="Lot">{contract.lotSize && <DecimalText value={contract.lotSize} />}</Term>
            <Term name="Tick">{contract.tickSize && <DecimalText value={contract.tickSize} />}</Term>
            <Term name="Listed">
              <Time value={contract.listedAt} />
            </Term>
            <Term name="Changed">
              <Time value={contract.updatedAt} />
            </Term>
            {Object.entries(contract.attributes).map(([name, value]) => (
              <Term key={name} name={name}>
                {value}
              </Term>
            ))}
          </dl>
          <OptionChain
            underlying={underlyingOf(contract)}
            broker={contract.broker}
            contractId={id}
            expiry={contract.expiry}
            onOpen={onOpen}
          />
        </>
      )}
    </Page>
  );
}

/** A term of the contract; nothing for one that it does not have. */
function Term({ name, children }: { name: string; children: React.ReactNode }) {
  if (children === null || children === undefined || children === '' || children === false) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
