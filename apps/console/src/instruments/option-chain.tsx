import { Button, DecimalText, Empty, Select, useList, useUrlState } from '../ui/index.js';
import { useDesk, useLive, usePanel } from '@deskwire/client/react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Fragment } from 'react';

const MOST_QUOTES = 1_000;

interface ChainProps {
  underlying: string;
  broker: string;
  /** The contract that is looked at, marked in the chain. */
  contractId: string;
  /** Its expiry, which is chosen first. */
  expiry: string | null;
  onOpen: (id: string) => void;
}

/** The expiries of an underlying, and call and put of each strike of one of them. */
export function OptionChain({ underlying, broker, contractId, expiry, onOpen }: ChainProps) {
  const desk = useDesk();
  const expiries = useList('/v1/instruments/expiries', { underlying, broker });
  const days = [...new Set(expiries.rows.map((row) => row.expiry))];
  const [chosen, setChosen] = useUrlState('expiry', '');
  const day = [chosen, expiry, days[0]].find((each) => each && days.includes(each));
  const chain = useInfiniteQuery({
    enabled: day !== undefined,
    queryKey: ['/v1/instruments/chain', underlying, broker, day],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam: cursor }) =>
      desk.get('/v1/instruments/chain', {
        query: { underlying, broker, expiry: day!, limit: 500, ...(cursor !== undefined && { cursor }) },
      }),
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    retry: false,
  });
  const strikes = chain.data?.pages.flatMap(({ items }) => items) ?? [];
  const exchanges = new Set(strikes.map(({ exchange }) => exchange));
  // A quote of each contract that is shown, as many as the desk sends in one window.
  const ids = strikes.flatMap(({ call, put }) => [call, put].flatMap((side) => side?.id ?? [])).slice(0, MOST_QUOTES);
  const live = useLive({ quotes: { instrumentIds: ids, limit: MOST_QUOTES } });
  const quotes = usePanel(live, 'quotes', (panel) => panel.rows);
  const priceOf = (contract: Contract | null) => (contract === null ? null : quotes?.[contract.id]?.price);
  if (expiries.busy) return null;
  if (days.length === 0)
    return (
      <Empty
        title={`No series of ${underlying} at ${broker}`}
        next="Series appear when a master with futures or options of it is imported."
      />
    );
  return (
    <section aria-label={`Series of ${underlying}`}>
      <div className="filters">
        <h2>Series of {underlying}</h2>
        <Select aria-label="Expiry" value={day ?? ''} onChange={setChosen} options={days} />
        <span className="note">{days.length} expiries</span>
      </div>
      {chain.error ? (
        <Empty
          title={`No options of ${underlying} on ${day}`}
          next="Choose another expiry. Futures are in the search."
        />
      ) : (
        <div className="scroll">
          <table className="plain chain">
            <thead>
              <tr>
                <th className="num">Call</th>
                <th className="num">Last price</th>
                <th className="strike">Strike</th>
                <th className="num">Last price</th>
                <th>Put</th>
              </tr>
            </thead>
            <tbody>
              {strikes.map(({ exchange, strike, call, put }, index) => (
                <Fragment key={`${exchange} ${strike}`}>
                  {exchanges.size > 1 && strikes[index - 1]?.exchange !== exchange && (
                    <tr>
                      <th colSpan={5} scope="rowgroup">
                        {exchange}
                      </th>
                    </tr>
                  )}
                  <tr>
                    <td className="num">
                      <Side contract={call} contractId={contractId} onOpen={onOpen} />
                    </td>
                    <td className="num">
                      <DecimalText value={priceOf(call)} />
                    </td>
                    <th scope="row" className="strike">
                      <DecimalText value={strike} />
                    </th>
                    <td className="num">
                      <DecimalText value={priceOf(put)} />
                    </td>
                    <td>
                      <Side contract={put} contractId={contractId} onOpen={onOpen} />
                    </td>
                  </tr>
                </Fragment>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {chain.hasNextPage && (
        <Button busy={chain.isFetchingNextPage} onClick={() => void chain.fetchNextPage()}>
          More strikes
        </Button>
      )}
    </section>
  );
}

interface Contract {
  id: string;
  tradingsymbol: string;
}

interface SideProps {
  contract: Contract | null;
  contractId: string;
  onOpen: (id: string) => void;
}

function Side({ contract, contractId, onOpen }: SideProps) {
  if (contract === null) return <span className="none">–</span>;
  if (contract.id === contractId) return <b aria-current="true">{contract.tradingsymbol}</b>;
  return (
    <button type="button" className="link" onClick={() => onOpen(contract.id)}>
      {contract.tradingsymbol}
    </button>
  );
}
