import { useDesk } from '@deskwire/client/react';
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
  useUrlForm,
  useUrlState,
} from '../ui/index.js';
import { ProblemText } from '../parts/problem-text.js';
import { Restored } from '../parts/restored.js';
import { fieldsText, useKeptDraft } from '../parts/use-kept-draft.js';
import type { CallInit, ItemOf } from '@deskwire/client';
import { jsonIssue } from './import-settings.js';

/** A person writes it, and the desk names the place of a wrong word. */
type MappingBody = CallInit<'/v1/instruments/mappings/{broker}/{name}', 'put'>['body'];
type Mapping = ItemOf<'/v1/instruments/mappings'>;

/** Mappings of masters that no built-in format reads. For operators. */
export function MappingsTab() {
  const list = useList('/v1/instruments/mappings');
  const [opened, open] = useUrlState<string>('mapping', '');
  const edited = list.rows.find((row) => nameOf(row) === opened);
  const [adding, setAdding] = useUrlForm('add');
  const add = () => setAdding(true);
  return (
    <>
      <div className="filters">
        <CsvLink name="mappings" path="/v1/instruments/mappings" />
        <Button tone="accent" onClick={add}>
          Add a mapping
        </Button>
      </div>
      <DataTable<Mapping>
        {...list}
        label="Mappings"
        columns={COLUMNS}
        rowKey={nameOf}
        onRow={(row) => open(nameOf(row))}
        empty={
          <Empty
            title="No mapping is stored"
            next="The masters of 22 brokers and venues need none. Add one to read any other CSV or JSON master by name."
          />
        }
      />
      {edited && <MappingDialog key={opened} mapping={edited} onClose={() => open('')} />}
      {adding && <MappingDialog mapping={undefined} onClose={() => setAdding(false)} />}
    </>
  );
}

const nameOf = ({ broker, name }: Mapping) => `${broker}/${name}`;

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

interface MappingForm {
  broker: string;
  name: string;
  /** JSON. */
  text: string;
}
const MAPPING_TEXT = fieldsText<MappingForm>();

function MappingDialog({ mapping, onClose }: { mapping: Mapping | undefined; onClose: () => void }) {
  const desk = useDesk();
  const confirm = useConfirm();
  const [form, setForm, kept] = useKeptDraft<MappingForm>(
    `mapping.${mapping ? nameOf(mapping) : 'new'}`,
    mapping
      ? { broker: mapping.broker, name: mapping.name, text: JSON.stringify(mapping.mapping, null, 2) }
      : { broker: '', name: '', text: EXAMPLE },
    MAPPING_TEXT,
  );
  const { broker, name, text } = form;
  const change = (part: Partial<MappingForm>) => setForm((before) => ({ ...before, ...part }));
  const close = () => {
    kept.forget();
    onClose();
  };
  const params = { broker, name };
  const store = useAct(
    () =>
      desk.put('/v1/instruments/mappings/{broker}/{name}', {
        params,
        body: JSON.parse(text) as MappingBody,
      }),
    { done: `The mapping ${name} of ${broker} is stored.`, then: close, quiet: true },
  );
  const remove = useAct(() => desk.delete('/v1/instruments/mappings/{broker}/{name}', { params }), {
    done: `The mapping ${name} of ${broker} is removed.`,
    then: close,
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
      onClose={close}
      footer={
        <>
          {mapping && (
            <Button tone="bad" busy={remove.isPending} onClick={() => void askToRemove()}>
              Remove
            </Button>
          )}
          <Button onClick={close}>Cancel</Button>
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
      <Restored kept={kept} />
      {!mapping && (
        <div className="form-grid">
          <Field label="Broker" hint="Such as acme">
            <TextInput value={broker} onChange={(value) => change({ broker: value })} autoComplete="off" />
          </Field>
          <Field label="Name" hint="Imports name it so, such as acme_nfo">
            <TextInput value={name} onChange={(value) => change({ name: value })} autoComplete="off" />
          </Field>
        </div>
      )}
      <Field label="Mapping" hint="JSON with the words of docs/master-mappings.md. Each word is checked" error={issue}>
        <TextArea value={text} onChange={(value) => change({ text: value })} rows={16} spellCheck={false} />
      </Field>
      {store.error && <ProblemText problem={store.error} />}
    </Dialog>
  );
}
