import { useDesk } from '@deskwire/client/react';
import { useInfiniteQuery } from '@tanstack/react-query';
import {
  Badge,
  Button,
  Drawer,
  durationText,
  detailOf,
  Empty,
  Select,
  Time,
  useAct,
  useConfirm,
  useList,
  useUrlState,
} from '../ui/index.js';
import type { QueryOf } from '@deskwire/client';
import { ImportCounts } from './import-counts.js';
import { IssueTable } from './issue-table.js';

const ACTIONS = [
  { value: '', label: 'all changes' },
  { value: 'insert', label: 'new contracts' },
  { value: 'update', label: 'changed contracts' },
  { value: 'relist', label: 'relisted contracts' },
  { value: 'delist', label: 'delisted contracts' },
];
type ChangeAction = NonNullable<QueryOf<'/v1/instruments/imports/{id}/changes'>['action']>;
const TONES = { insert: 'info', update: 'warn', relist: 'info', delist: 'warn' } as const;

interface ImportDetailProps {
  id: string;
  onClose: () => void;
  /** Shows another import: the rollback. */
  onOther: (id: string) => void;
}

/** One import: its counts, its quarantine, what it changed, and the way back to it. */
export function ImportDetail({ id, onClose, onOther }: ImportDetailProps) {
  const desk = useDesk();
  const confirm = useConfirm();
  const found = useInfiniteQuery({
    queryKey: ['/v1/instruments/imports/{id}', id],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam: cursor }) =>
      desk.get('/v1/instruments/imports/{id}', {
        params: { id },
        query: { limit: 100, ...(cursor !== undefined && { cursor }) },
      }),
    getNextPageParam: ({ issues }) => issues.nextCursor ?? undefined,
  });
  const rollBack = useAct(() => desk.post('/v1/instruments/imports/{id}/rollback', { params: { id } }), {
    done: 'The instruments are as they were right after this import.',
    then: ({ importId }) => onOther(importId),
  });
  const record = found.data?.pages[0];
  const issues = found.data?.pages.flatMap((page) => page.issues.items) ?? [];
  const askToRollBack = async () => {
    const question = {
      title: `Roll ${record!.broker} back to import ${record!.position}?`,
      body: 'Every contract of the broker becomes what it was right after this import. The rollback is an import too, so you can undo it.',
      act: 'Roll back',
    };
    if (await confirm(question)) rollBack.mutate();
  };
  return (
    <Drawer
      wide
      title={record ? `Import ${record.position} of ${record.broker}` : 'Import'}
      onClose={onClose}
      footer={
        record && (
          <Button tone="bad" busy={rollBack.isPending} onClick={() => void askToRollBack()}>
            Roll back to this import
          </Button>
        )
      }
    >
      {found.error && <Empty title="This import cannot be shown" next={detailOf(found.error)} />}
      {record && (
        <>
          <p className="aside">
            <Badge tone={record.kind === 'rollback' ? 'info' : 'plain'}>{record.kind}</Badge>
            {record.forced && <Badge tone="warn">forced</Badge>}
            <span>{record.source}</span>
            {record.master !== null && <span>read by {record.master}</span>}
            <Time value={record.createdAt} />
            <span>{durationText(record.durationMs)}</span>
            <span>{record.listed.toLocaleString('en')} listed contracts after it</span>
          </p>
          <ImportCounts counts={record} />
          <IssueTable issues={issues} />
          {found.hasNextPage && (
            <Button busy={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
              More issues
            </Button>
          )}
          <ImportChanges id={id} />
        </>
      )}
    </Drawer>
  );
}

/** What an import changed, each field with its value before and after. */
function ImportChanges({ id }: { id: string }) {
  const [action, setAction] = useUrlState('changes', '');
  const list = useList(
    '/v1/instruments/imports/{id}/changes',
    { action: action as ChangeAction | '' },
    { params: { id } },
  );
  return (
    <section aria-label="Changes">
      <div className="filters">
        <h3>Changes</h3>
        <Select aria-label="Kind of change" value={action} onChange={setAction} options={ACTIONS} />
      </div>
      {list.problem && <Empty title="The changes cannot be shown" next={detailOf(list.problem)} />}
      {!list.busy && !list.problem && list.rows.length === 0 && (
        <Empty title="No such change" next="Choose all changes. An import of the same file changes nothing." />
      )}
      {list.rows.length > 0 && (
        <div className="scroll">
          <table className="plain">
            <thead>
              <tr>
                <th>Act</th>
                <th>Contract</th>
                <th>Expiry</th>
                <th>Fields</th>
              </tr>
            </thead>
            <tbody>
              {list.rows.map((row) => (
                <tr key={row.instrumentId}>
                  <td>
                    <Badge tone={TONES[row.action]}>{row.action}</Badge>
                  </td>
                  <td>
                    {row.exchange} <b>{row.tradingsymbol}</b>
                  </td>
                  <td>{row.expiry}</td>
                  <td>
                    {row.changes.map(({ field, before, after }) => (
                      <div key={field}>
                        {field}: <del>{before ?? 'none'}</del> <ins>{after ?? 'none'}</ins>
                      </div>
                    ))}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {list.onEnd && <Button onClick={list.onEnd}>More changes</Button>}
    </section>
  );
}
