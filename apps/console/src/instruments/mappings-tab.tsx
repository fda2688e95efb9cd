import { useDesk } from '@deskwire/client/react';
import { useState } from 'react';
import {
  Button,
  type Column,
  CsvLink,
  DataTable,
  Dialog,
  Empty,
  Field,
  TextArea,
  TextInput,
  Time,
  useAct,
  useConfirm,
  useList,
} from '../ui/index.js';
import { ProblemText } from '../parts/problem-text.js';
import type { CallInit, ItemOf } from '@deskwire/client';
import { jsonIssue } from './import-settings.js';

/** A person writes it, and the desk names the place of a wrong word. */
type MappingBody = CallInit<'/v1/instruments/mappings/{broker}/{name}', 'put'>['body'];
type Mapping = ItemOf<'/v1/instruments/mappings'>;

/** Mappings of masters that no built-in format reads. For operators. */
export function MappingsTab() {
  const list = useList('/v1/instruments/mappings');
  const [edited, setEdited] = useState<Mapping | 'new'>();
  const add = () => setEdited('new');
  return (
    <>
      <div className="filters">
        <CsvLink name="mappings" path="/v1/instruments/mappings" />
        <Button tone="accent" onClick={add}>
          Add a mapping
        </Button>
      </div>
      <DataTable<Mapping>
        label="Mappings"
        columns={COLUMNS}
        rows={list.rows}
        rowKey={(row) => `${row.broker}/${row.name}`}
        onRow={setEdited}
        onEnd={list.onEnd}
        busy={list.busy}
        empty={
          <Empty
            title="No mapping is stored"
            next="The masters of 22 brokers and venues need none. Add one to read any other CSV or JSON master by name."
          />
        }
      />
      {edited && <MappingDialog mapping={edited === 'new' ? undefined : edited} onClose={() => setEdited(undefined)} />}
    </>
  );
}

const COLUMNS: readonly Column<Mapping>[] = [
  { key: 'broker', title: 'Broker', width: 140, cell: (row) => row.broker },
  { key: 'name', title: 'Name', width: 160, cell: (row) => <b>{row.name}</b> },
  { key: 'words', title: 'Words', wide: true, cell: (row) => Object.keys(row.mapping).join(', ') },
  { key: 'changed', title: 'Changed', width: 246, cell: (row) => <Time value={row.updatedAt} /> },
];

const EXAMPLE = `{
  "key": ["token"],
  "columns": { "tradingsymbol": "symbol", "name": "name", "exchange": "exch" }
}`;

function MappingDialog({ mapping, onClose }: { mapping: Mapping | undefined; onClose: () => void }) {
  const desk = useDesk();
  const confirm = useConfirm();
  const [broker, setBroker] = useState(mapping?.broker ?? '');
  const [name, setName] = useState(mapping?.name ?? '');
  const [text, setText] = useState(mapping ? JSON.stringify(mapping.mapping, null, 2) : EXAMPLE);
  const params = { broker, name };
  const store = useAct(
    () =>
      desk.put('/v1/instruments/mappings/{broker}/{name}', {
        params,
        body: JSON.parse(text) as MappingBody,
      }),
    { done: `The mapping ${name} of ${broker} is stored.`, then: onClose, quiet: true },
  );
  const remove = useAct(() => desk.delete('/v1/instruments/mappings/{broker}/{name}', { params }), {
    done: `The mapping ${name} of ${broker} is removed.`,
    then: onClose,
  });
  const issue = jsonIssue(text);
  const askToRemove = async () => {
    const body = 'Imports can no longer name it. The contracts that it imported stay.';
    if (await confirm({ title: `Remove the mapping ${name} of ${broker}?`, body, act: 'Remove it' })) remove.mutate();
  };
  return (
    <Dialog
      wide
      title={mapping ? `${mapping.name} of ${mapping.broker}` : 'Add a mapping'}
      onClose={onClose}
      footer={
        <>
          {mapping && (
            <Button tone="bad" busy={remove.isPending} onClick={() => void askToRemove()}>
              Remove
            </Button>
          )}
          <Button onClick={onClose}>Cancel</Button>
          <Button
            tone="accent"
            busy={store.isPending}
            disabled={issue !== undefined || broker === '' || name === ''}
            onClick={() => store.mutate()}
          >
            Store
          </Button>
        </>
      }
    >
      {!mapping && (
        <div className="form-grid">
          <Field label="Broker" hint="Such as acme">
            <TextInput value={broker} onChange={setBroker} autoComplete="off" />
          </Field>
          <Field label="Name" hint="Imports name it so, such as acme_nfo">
            <TextInput value={name} onChange={setName} autoComplete="off" />
          </Field>
        </div>
      )}
      <Field label="Mapping" hint="JSON with the words of docs/master-mappings.md. Each word is checked" error={issue}>
        <TextArea value={text} onChange={setText} rows={16} spellCheck={false} />
      </Field>
      {store.error && <ProblemText problem={store.error} />}
    </Dialog>
  );
}
