import { Link } from 'wouter';
import { ChoiceFilter, FilterBar, TextsFilter, TimeFilter } from '../filters/filter-bar.js';
import { useFilters } from '../filters/use-filters.js';
import {
  Badge,
  Button,
  type Column,
  CsvLink,
  DataTable,
  Empty,
  Page,
  Time,
  useCan,
  useList,
  useSort,
  useUrlState,
} from '../ui/index.js';
import type { ItemOf, QueryOf } from '@deskwire/client';
import { FilingDetail } from './filing-detail.js';
import { SummaryUsage } from './summary-usage.js';
import './filings.css';

export type FilingRow = ItemOf<'/v1/filings'>;

const COLUMNS: readonly Column<FilingRow>[] = [
  { key: 'form', title: 'Form', width: 110, cell: ({ form }) => <b>{form}</b> },
  { key: 'filer', title: 'Filer', cell: ({ filers }) => filers.map(({ name }) => name).join(', ') },
  { key: 'tickers', title: 'Tickers', width: 120, cell: ({ tickers }) => tickers.join(', ') },
  {
    key: 'filed',
    title: 'Accepted',
    width: 200,
    wide: true,
    sort: 'filedAt',
    cell: ({ filedAt }) => <Time value={filedAt} />,
  },
  {
    ...{ key: 'summary', title: 'Summary', width: 110, wide: true },
    cell: ({ summary }) => (
      <Badge tone={summary.state === 'done' ? 'good' : summary.state === 'failed' ? 'bad' : 'plain'}>
        {summary.state}
      </Badge>
    ),
  },
  {
    ...{ key: 'amendment', title: 'Amendment', width: 120, wide: true },
    cell: ({ isAmendment, amendment, amendedBy }) =>
      isAmendment ? <Badge>{amendment}</Badge> : amendedBy.length > 0 ? <Badge tone="warn">amended</Badge> : '–',
  },
];
const AMENDMENTS = [
  { value: 'without', label: 'Without amendments' },
  { value: 'only', label: 'Amendments only' },
];

/** Filings with the SEC with their summaries. */
export default function FilingsPage() {
  const filters = useFilters(['amendments', 'from', 'to'], ['form', 'ticker', 'cik']);
  const { one, many, set } = filters;
  const isOperator = useCan('operator');
  const sort = useSort(COLUMNS, '-filedAt');
  const query = { ...filters.query, sort: sort.value } as QueryOf<'/v1/filings'>;
  const list = useList('/v1/filings', query);
  const [opened, open] = useUrlState<string>('filing', '');
  return (
    <Page title="Filings" actions={<CsvLink path="/v1/filings" query={query} name="filings" />}>
      <FilterBar label="Filters of filings" isFiltered={filters.isFiltered} onClear={filters.clear}>
        <TextsFilter label="Form" values={many.form} placeholder="8-K, 10-Q" onChange={(form) => set({ form })} />
        <TextsFilter
          label="Ticker"
          values={many.ticker}
          placeholder="BRK-B, AAPL"
          onChange={(ticker) => set({ ticker })}
        />
        <TextsFilter label="CIK" values={many.cik} placeholder="1067983" onChange={(cik) => set({ cik })} />
        <ChoiceFilter
          label="Amendments"
          value={one.amendments}
          any="With amendments"
          choices={AMENDMENTS}
          onChange={(amendments) => set({ amendments })}
        />
        <TimeFilter span={one} onChange={set} />
      </FilterBar>
      {isOperator && <SummaryUsage />}
      <DataTable
        {...list}
        sort={sort}
        label="Filings"
        columns={COLUMNS}
        rowKey={({ accession }) => accession}
        onRow={({ accession }) => open(accession)}
        empty={
          filters.isFiltered ? (
            <Empty
              title="No filing matches these filters"
              next={<Button onClick={filters.clear}>Clear the filters</Button>}
            />
          ) : (
            <Empty
              title="No filings yet"
              next={
                isOperator ? (
                  <Link href="/feeds">Add a feed of EDGAR, such as its current filings</Link>
                ) : (
                  'Ask an operator to add a feed of EDGAR.'
                )
              }
            />
          )
        }
      />
      {opened !== '' && <FilingDetail key={opened} accession={opened} open={open} onClose={() => open('')} />}
    </Page>
  );
}
