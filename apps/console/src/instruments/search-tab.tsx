import {
  Badge,
  Button,
  CsvLink,
  type Column,
  DataTable,
  DecimalText,
  Empty,
  Field,
  Select,
  TextInput,
  useList,
} from '../ui/index.js';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useDesk } from '@deskwire/client/react';
import { useDeferredValue, useState } from 'react';
import type { ItemOf } from '@deskwire/client';
import { useFilters } from '../filters/use-filters.js';
import { FacetBar } from './facet-bar.js';
import { choicesOf, type InstrumentFilter, instrumentQuery } from './facets.js';
import { FollowButton, FollowChosen } from './follow-button.js';

type Instrument = ItemOf<'/v1/instruments'>;

const NONE: ReadonlySet<string> = new Set();

/** Filters that are folded away until one of them is in the address. */
const IN_DETAILS = ['underlying', 'expiryFrom', 'expiryTo', 'strikeFrom', 'strikeTo', 'delisted'] as const;
const NARROWING = ['broker', 'exchange', 'segment', 'type', ...IN_DETAILS] as const;

/** Search over all contracts, narrowed by facets. The whole filter is in the address. */
export function SearchTab({ onOpen, mayImport }: { onOpen: (id: string) => void; mayImport: boolean }) {
  const { one, set, clear, isFiltered } = useFilters(['q', ...NARROWING]);
  const { q: query, ...narrowing } = one;
  const filter: InstrumentFilter = { query, ...narrowing };
  const change = (field: keyof InstrumentFilter, text: string) => set({ [field === 'query' ? 'q' : field]: text });
  const asked = instrumentQuery(useDeferredValue(filter));
  const searched = 'query' in asked ? asked.query : {};
  const list = useList('/v1/instruments', searched);
  const desk = useDesk();
  const { data: counted } = useQuery({
    queryKey: ['/v1/instruments/facets', searched],
    queryFn: ({ signal }) => desk.get('/v1/instruments/facets', { query: searched, signal }),
    placeholderData: keepPreviousData,
  });
  const [chosen, setChosen] = useState<ReadonlySet<string>>(NONE);
  const [narrowed] = useState(() => IN_DETAILS.some((field) => filter[field] !== ''));
  return (
    <>
      <div className="filters" role="search" aria-label="Search contracts">
        <Field label="Search">
          <TextInput
            type="search"
            value={filter.query}
            onChange={(text) => change('query', text)}
            placeholder="symbol, name, ISIN or NIFTY 2 DEC 26000 CE"
            size={38}
          />
        </Field>
        {isFiltered && <Button onClick={clear}>Clear</Button>}
        {chosen.size > 0 && <FollowChosen ids={[...chosen]} onDone={() => setChosen(NONE)} />}
        <CsvLink name="instruments" path="/v1/instruments" query={searched} />
      </div>
      <details className="more-filters" open={narrowed || undefined}>
        <summary>Underlying, expiry, strike, delisted</summary>
        <div className="filters" role="search" aria-label="Narrow the search">
          <Field label="Underlying">
            <TextInput value={filter.underlying} onChange={(text) => change('underlying', text)} placeholder="any" />
          </Field>
          <Field label="Expiry from">
            <TextInput type="date" value={filter.expiryFrom} onChange={(text) => change('expiryFrom', text)} />
          </Field>
          <Field label="Expiry to">
            <TextInput type="date" value={filter.expiryTo} onChange={(text) => change('expiryTo', text)} />
          </Field>
          <Field label="Strike from">
            <TextInput inputMode="decimal" value={filter.strikeFrom} onChange={(text) => change('strikeFrom', text)} />
          </Field>
          <Field label="Strike to">
            <TextInput inputMode="decimal" value={filter.strikeTo} onChange={(text) => change('strikeTo', text)} />
          </Field>
          <Field label="Delisted">
            <Select
              value={filter.delisted}
              onChange={(text) => change('delisted', text)}
              options={[
                { value: '', label: 'leave out' },
                { value: 'include', label: 'include' },
              ]}
            />
          </Field>
        </div>
      </details>
      {'issue' in asked && <p role="alert">{asked.issue}</p>}
      <FacetBar
        filter={filter}
        facets={counted === undefined ? [] : choicesOf(counted.facets)}
        complete={counted?.complete ?? false}
        onChange={change}
      />
      <DataTable<Instrument>
        {...list}
        label="Contracts"
        columns={COLUMNS}
        rowKey={(row) => row.id}
        onRow={(row) => onOpen(row.id)}
        selection={{ keys: chosen, onChange: setChosen }}
        empty={
          isFiltered ? (
            <Empty title="No contract fits" next="Use fewer words, clear a filter, or include delisted contracts." />
          ) : (
            <Empty
              title="No contracts yet"
              next={
                mayImport
                  ? "Import your broker's instrument master on the tab Imports."
                  : "Ask an operator to import your broker's instrument master."
              }
            />
          )
        }
      />
    </>
  );
}

const COLUMNS: readonly Column<Instrument>[] = [
  {
    key: 'contract',
    title: 'Contract',
    cell: (row) => (
      <span title={row.name}>
        <b>{row.tradingsymbol}</b> <small>{row.name}</small>
      </span>
    ),
  },
  { key: 'exchange', wide: true, title: 'Exchange', width: 100, cell: (row) => row.exchange },
  { key: 'type', wide: true, title: 'Type', width: 80, cell: (row) => row.type },
  { key: 'expiry', wide: true, title: 'Expiry', width: 110, cell: (row) => row.expiry },
  {
    key: 'strike',
    wide: true,
    title: 'Strike',
    align: 'end',
    width: 110,
    cell: (row) => /[1-9]/.test(row.strike ?? '') && <DecimalText value={row.strike} />,
  },
  { key: 'lot', wide: true, title: 'Lot', align: 'end', width: 80, cell: (row) => <DecimalText value={row.lotSize} /> },
  { key: 'broker', wide: true, title: 'Broker', width: 120, cell: (row) => row.broker },
  {
    key: 'state',
    wide: true,
    title: 'State',
    width: 100,
    cell: (row) => row.delistedAt !== null && <Badge tone="warn">delisted</Badge>,
  },
  { key: 'follow', title: 'Watch', width: 100, cell: (row) => <FollowButton id={row.id} symbol={row.tradingsymbol} /> },
];
