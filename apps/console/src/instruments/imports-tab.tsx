import {
  Badge,
  Button,
  type Column,
  CsvLink,
  DataTable,
  Empty,
  Time,
  useList,
  useUrlForm,
  useUrlState,
} from '../ui/index.js';
import { FilterBar, TextFilter } from '../filters/filter-bar.js';
import { useFilters } from '../filters/use-filters.js';
import type { ItemOf } from '@deskwire/client';
import { ImportDetail } from './import-detail.js';
import { MasterDialog } from './master-dialog.js';

type Import = ItemOf<'/v1/instruments/imports'>;

/** Imports of masters and rollbacks, newest first. For operators. */
export function ImportsTab() {
  const filters = useFilters(['broker']);
  const { broker } = filters.one;
  const [chosen, setChosen] = useUrlState('import', '');
  const [importing, add] = useUrlForm('add');
  const list = useList('/v1/instruments/imports', { broker });
  const start = () => add(true);
  return (
    <>
      <FilterBar label="Filters of imports" isFiltered={filters.isFiltered} onClear={filters.clear}>
        <TextFilter label="Broker" value={broker} onChange={(name) => filters.set({ broker: name })} />
        <CsvLink name="imports" path="/v1/instruments/imports" query={{ broker }} />
        <Button tone="accent" onClick={start}>
          Import a master
        </Button>
      </FilterBar>
      <DataTable
        {...list}
        label="Imports"
        columns={COLUMNS}
        rowKey={(row) => row.id}
        onRow={(row) => setChosen(row.id)}
        tone={(row) => (row.quarantined > 0 ? 'warn' : undefined)}
        empty={
          <Empty
            title={broker === '' ? 'No master is imported yet' : `No import of ${broker}`}
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
  ...{ key, title, width: 95, align: 'end', wide: true },
  cell: (row) => row[key].toLocaleString('en'),
});

const COLUMNS: readonly Column<Import>[] = [
  { key: 'at', title: 'Time', width: 246, cell: (row) => <Time value={row.createdAt} /> },
  { key: 'broker', title: 'Broker', width: 120, cell: (row) => row.broker },
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
    width: 100,
    align: 'end',
    cell: (row) => (row.quarantined > 0 ? <Badge tone="warn">{row.quarantined.toLocaleString('en')}</Badge> : 0),
  },
];
