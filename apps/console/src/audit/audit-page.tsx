import { useMemo, useState } from 'react';
import { ChoiceFilter, FilterBar, TextFilter, TimeFilter } from '../filters/filter-bar.js';
import { useFilters } from '../filters/use-filters.js';
import { Badge, type Column, CsvLink, DataTable, Empty, Page, Time, useList } from '../ui/index.js';
import { usePeople } from '../users/people.js';
import { ACTIONS, actionTone, actionWords, auditQuery, type AuditRecord } from './audit-words.js';
import { RecordDetail } from './record-detail.js';
import '../parts/parts.css';

const ACTION_CHOICES = ACTIONS.map((name) => ({ value: name, label: actionWords(name) }));
const NOTHING = { actor: '', subject: '', action: '', from: '', to: '' };

/** Who did what. For admins. */
export default function AuditPage() {
  const filters = useFilters(['actor', 'subject', 'action', 'from', 'to']);
  const { one, set } = filters;
  const [chosen, setChosen] = useState<AuditRecord>();
  const people = usePeople();
  const columns = useMemo(() => columnsOf(people.nameOf), [people.nameOf]);
  const asked = auditQuery(one);
  const query = 'query' in asked ? asked.query : {};
  const list = useList('/v1/audit', query, { enabled: 'query' in asked });
  const showOnly = (part: Partial<typeof NOTHING>) => {
    set({ ...NOTHING, ...part });
    setChosen(undefined);
  };
  return (
    <Page
      title={one.actor === '' ? 'Audit' : `Audit: ${people.nameOf(one.actor)}`}
      about="Who did what, newest first"
      actions={<CsvLink name="audit" path="/v1/audit" query={query} />}
    >
      <FilterBar label="Filters of the audit trail" isFiltered={filters.isFiltered} onClear={filters.clear}>
        <ChoiceFilter
          label="Who"
          value={one.actor}
          any="Anyone"
          choices={people.all.map(({ id, email }) => ({ value: id, label: email }))}
          onChange={(actor) => set({ actor })}
        />
        <ChoiceFilter
          label="Act"
          value={one.action}
          any="Any act"
          choices={ACTION_CHOICES}
          onChange={(action) => set({ action })}
        />
        <TextFilter
          label="Subject or owner"
          value={one.subject}
          placeholder="id"
          onChange={(subject) => set({ subject })}
        />
        <TimeFilter span={one} onChange={set} />
      </FilterBar>
      {'issue' in asked && <p role="alert">{asked.issue}</p>}
      <DataTable
        {...list}
        label="Audit records"
        columns={columns}
        rowKey={(row) => row.id}
        onRow={setChosen}
        empty={
          filters.isFiltered ? (
            <Empty title="Nobody did such a thing" next="Clear a filter, or widen the time." />
          ) : (
            <Empty title="No record yet" next="The first sign-in is the first record." />
          )
        }
      />
      {chosen && (
        <RecordDetail
          record={chosen}
          onClose={() => setChosen(undefined)}
          onActor={(actor) => showOnly({ actor })}
          onSubject={(subject) => showOnly({ subject })}
        />
      )}
    </Page>
  );
}

const columnsOf = (nameOf: (id: string) => string): readonly Column<AuditRecord>[] => [
  { key: 'at', title: 'Time', width: 246, cell: (row) => <Time value={row.occurredAt} /> },
  {
    key: 'action',
    title: 'Act',
    width: 190,
    cell: (row) => (
      <>
        <Badge tone={actionTone(row.action)}>{actionWords(row.action)}</Badge>
        {row.count > 1 && ` × ${row.count}`}
      </>
    ),
  },
  {
    key: 'actor',
    title: 'Who',
    cell: (row) => (row.actorId === null ? row.actorVia.replace('_', ' ') : nameOf(row.actorId)),
  },
  { key: 'via', title: 'Via', width: 110, wide: true, cell: (row) => row.actorVia.replace('_', ' ') },
  {
    key: 'subject',
    title: 'Subject',
    wide: true,
    cell: (row) =>
      `${row.subjectKind.replace('_', ' ')} ${row.subjectKind === 'user' && row.subjectId ? nameOf(row.subjectId) : (row.subjectId ?? '')}`,
  },
  { key: 'address', title: 'Address', width: 140, wide: true, cell: (row) => row.address },
];
