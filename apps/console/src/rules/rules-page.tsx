import { useLayoutEffect, useMemo, useRef } from 'react';
import type { QueryOf } from '@deskwire/client';
import { useDesk } from '@deskwire/client/react';
import { SeverityBadge } from '../alerts/severity.js';
import {
  Badge,
  Button,
  type Column,
  CsvLink,
  DataTable,
  Empty,
  Page,
  useAct,
  useCan,
  useConfirm,
  useList,
  useSort,
  useUrlState,
} from '../ui/index.js';
import { describeCondition } from './condition-test-shapes.js';
import { isCondition } from './condition-tree.js';
import { RuleEditor } from './rule-editor.js';
import type { RuleRow } from './use-rules.js';
import './rules.css';

const COLUMNS: readonly Column<RuleRow>[] = [
  {
    key: 'name',
    title: 'Rule',
    sort: 'name',
    width: 330,
    cell: ({ name, builtIn }) => (
      <>
        <b>{name}</b> {builtIn !== null && <Badge>built in</Badge>}
      </>
    ),
  },
  { key: 'severity', title: 'Severity', width: 90, cell: ({ severity }) => <SeverityBadge severity={severity} /> },
  { key: 'state', title: 'State', width: 116, cell: (rule) => <RuleState rule={rule} /> },
  {
    ...{ key: 'condition', title: 'Condition', wide: true },
    cell: ({ condition }) => (isCondition(condition) ? describeCondition(condition) : ''),
  },
  {
    ...{ key: 'channels', title: 'Sent to', width: 66, align: 'end', wide: true },
    cell: ({ channels }) => channels.length,
  },
];

/** The list of alert rules, or the editor of the one that the address names. */
export default function RulesPage() {
  const [opened, open] = useUrlState<string>('rule', '');
  if (opened !== '') return <RuleEditor key={opened} opened={opened} open={open} />;
  return <RuleList open={open} />;
}

function RuleList({ open }: { open: (rule: string) => void }) {
  const canWrite = useCan('trader');
  const sort = useSort(COLUMNS, 'createdAt');
  const list = useList('/v1/alert-rules', { sort: sort.value as QueryOf<'/v1/alert-rules'>['sort'] });
  const acts = useRuleActs(open);
  const columns = useMemo(() => (canWrite ? [...COLUMNS, actsColumn(acts)] : COLUMNS), [canWrite, acts]);
  return (
    <Page
      title="Rules"
      about="A rule raises an alert for each event that matches its condition."
      actions={
        <>
          <CsvLink path="/v1/alert-rules" name="rules" />
          {canWrite && (
            <Button tone="accent" icon="plus" onClick={() => open('new')}>
              New rule
            </Button>
          )}
        </>
      }
    >
      <DataTable
        {...list}
        sort={sort}
        label="Alert rules"
        columns={columns}
        rowKey={({ id }) => id}
        onRow={({ id }) => open(id)}
        tone={({ switchedOff }) => (switchedOff === null ? undefined : 'bad')}
        empty={
          <Empty
            title="No rules yet"
            next={
              canWrite ? (
                <Button onClick={() => open('new')}>Write the first rule</Button>
              ) : (
                'Ask a trader or an operator to write one.'
              )
            }
          />
        }
      />
    </Page>
  );
}

interface RuleActs {
  toggle: (rule: RuleRow) => void;
  clone: (rule: RuleRow) => void;
  remove: (rule: RuleRow) => Promise<void>;
}

/** The same object on every render, so that the rows of the table need not render again. */
function useRuleActs(open: (rule: string) => void): RuleActs {
  const desk = useDesk();
  const confirm = useConfirm();
  const toggle = useAct(
    ({ id, enabled }: RuleRow): Promise<RuleRow> =>
      desk.patch('/v1/alert-rules/{id}', { params: { id }, body: { enabled: !enabled } }),
    { done: ({ name, enabled }) => `${name} is ${enabled ? 'on' : 'off'}` },
  );
  const remove = useAct(({ id }: RuleRow) => desk.delete('/v1/alert-rules/{id}', { params: { id } }), {
    done: 'Rule deleted',
  });
  const { mutate: toggleNow } = toggle;
  const { mutate: removeNow } = remove;
  const opens = useRef(open);
  useLayoutEffect(() => {
    opens.current = open;
  });
  return useMemo(
    () => ({
      toggle: (rule) => toggleNow(rule),
      clone: ({ id }) => opens.current(`clone-${id}`),
      remove: async (rule) => {
        const title = `Delete the rule ${rule.name}?`;
        const body = 'Its alerts are kept. No event matches it from now on. This cannot be undone.';
        if (await confirm({ title, body, act: 'Delete' })) removeNow(rule);
      },
    }),
    [toggleNow, removeNow, confirm],
  );
}

function actsColumn({ toggle, clone, remove }: RuleActs): Column<RuleRow> {
  return {
    key: 'acts',
    title: 'Actions',
    width: 224,
    wide: true,
    cell: (rule) => (
      <span className="row-acts">
        <Button aria-label={`${rule.enabled ? 'Disable' : 'Enable'} ${rule.name}`} onClick={() => toggle(rule)}>
          {rule.enabled ? 'Disable' : 'Enable'}
        </Button>
        <Button aria-label={`Clone ${rule.name}`} onClick={() => clone(rule)}>
          Clone
        </Button>
        {rule.builtIn === null && (
          <Button tone="bad" aria-label={`Delete ${rule.name}`} onClick={() => void remove(rule)}>
            Delete
          </Button>
        )}
      </span>
    ),
  };
}

function RuleState({ rule }: { rule: RuleRow }) {
  if (rule.switchedOff !== null) return <Badge tone="bad">switched off</Badge>;
  if (!rule.enabled) return <Badge>off</Badge>;
  return rule.issues.length > 0 ? <Badge tone="warn">on, with issues</Badge> : <Badge tone="good">on</Badge>;
}
