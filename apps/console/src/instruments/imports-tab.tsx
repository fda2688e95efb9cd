import {
  Badge,
  Button,
  type Column,
  CsvLink,
  DataTable,
  Empty,
  Time,
  useList,
  useSort,
  useUrlForm,
  useUrlState,
} from '../ui/index.js';
import { FilterBar, ManyFilter, TextsFilter } from '../filters/filter-bar.js';
import { useFilters } from '../filters/use-filters.js';
import type { ItemOf, QueryOf } from '@deskwire/client';
import { ImportDetail } from './import-detail.js';
import { MasterDialog } from './master-dialog.js';

type Import = ItemOf<'/v1/instruments/imports'>;

const KINDS = ['import', 'rollback'] as const;

/** Imports of masters and rollbacks. For operators. */
export function ImportsTab() {
  const filters = useFilters([], ['broker', 'kind']);
  const { broker, kind } = filters.many;
  const sort = useSort(COLUMNS, '-createdAt');
  const query = { ...filters.query, sort: sort.value } as QueryOf<'/v1/instruments/imports'>;
  const [chosen, setChosen] = useUrlState('import', '');
  const [importing, add] = useUrlForm('add');
  const list = useList('/v1/instruments/imports', query);
  const start = () => add(true);
  return (
    <>
      <div className="filters">
        <CsvLink name="imports" path="/v1/instruments/imports" query={query} />
        <Button tone="accent" onClick={start}>
          Import a master
        </Button>
      </div>
      <FilterBar label="Filters of imports" isFiltered={filters.isFiltered} onClear={filters.clear}>
        <TextsFilter
          label="Broker"
          values={broker}
          placeholder="zerodha, upstox"
          onChange={(names) => filters.set({ broker: names })}
        />
        <ManyFilter label="Kind" values={kind} choices={KINDS} onChange={(kinds) => filters.set({ kind: kinds })} />
      </FilterBar>
      <DataTable
        {...list}
        sort={sort}
        label="Imports"
        columns={COLUMNS}
        rowKey={(row) => row.id}
        onRow={(row) => setChosen(row.id)}
        tone={(row) => (row.quarantined > 0 ? 'warn' : undefined)}
        empty={
          <Empty
            title={filters.isFiltered ? 'No import fits the filters' : 'No master is imported yet'}
            next={<Button onClick={start}>Import a master</Button>}
          />
        }
      />
      {chosen !== '' && <ImportDetail key={chosen} id={chosen} onClose={() => setChosen('')} onOther={setChosen} />}
      {importing && <MasterDialog onClose={() => add(false)} onImported={setChosen} />}
    </>
  );
}

const count = (key: 'inserted' | 'updated' | 'relisted' | 'delisted' | 'unchanged', title: string): Column<Import> => ({
  ...{ key, title, width: 95, align: 'end', wide: true, ...(key !== 'unchanged' && { sort: key }) },
  cell: (row) => row[key].toLocaleString('en'),
});

const COLUMNS: readonly Column<Import>[] = [
  { key: 'at', title: 'Time', width: 246, sort: 'createdAt', cell: (row) => <Time value={row.createdAt} /> },
  { key: 'broker', title: 'Broker', width: 120, sort: 'broker', cell: (row) => row.broker },
  {
    key: 'kind',
    title: 'Kind',
    width: 130,
    wide: true,
    cell: (row) => (
      <>
        <Badge tone={row.kind === 'rollback' ? 'info' : 'plain'}>{row.kind}</Badge>
        {row.forced && <Badge tone="warn">forced</Badge>}
      </>
    ),
  },
  { key: 'source', title: 'Source', wide: true, cell: (row) => <span title={row.source}>{row.source}</span> },
  count('inserted', 'Inserted'),
  count('updated', 'Updated'),
  count('relisted', 'Relisted'),
  count('delisted', 'Delisted'),
  {
    key: 'quarantined',
    title: 'Quarantined',
    sort: 'quarantined',
    width: 100,
    align: 'end',
    cell: (row) => (row.quarantined > 0 ? <Badge tone="warn">{row.quarantined.toLocaleString('en')}</Badge> : 0),
  },
];
