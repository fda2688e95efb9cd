import type { Answer } from '@deskwire/client';
import { useDesk } from '@deskwire/client/react';
import { type FormEvent, useState } from 'react';
import { OnceShown } from '../parts/once-shown.js';
import {
  Badge,
  Button,
  Dialog,
  Empty,
  Field,
  IconButton,
  Select,
  Sheet,
  TextInput,
  Time,
  useAct,
  useConfirm,
  useList,
  useWorker,
} from '../ui/index.js';
import { RANKS, type RoleName } from '../ui/roles.js';

type Created = Answer<'/v1/auth/api-keys', 'post'>;

/** The keys of programs that act for this person. */
export function ApiKeys() {
  const desk = useDesk();
  const confirm = useConfirm();
  const { rows, busy } = useList('/v1/auth/api-keys');
  const [adding, setAdding] = useState(false);
  const revoke = useAct((id: string) => desk.delete('/v1/auth/api-keys/{id}', { params: { id } }), {
    done: 'The API key is revoked.',
  });
  const ask = async (id: string, name: string) => {
    const body = 'Programs that use it are refused at once. This cannot be undone.';
    if (await confirm({ title: `Revoke the API key ${name}?`, body, act: 'Revoke' })) revoke.mutate(id);
  };
  return (
    <Sheet
      title="API keys"
      actions={
        <Button icon="plus" onClick={() => setAdding(true)}>
          Add a key
        </Button>
      }
    >
      {!busy && rows.length === 0 && (
        <Empty title="You have no API key." next="Add one for a program that calls the API as you." />
      )}
      <ul className="account-list">
        {rows.map(({ id, name, prefix, roles, lastUsedAt, expiresAt }) => (
          <li key={id}>
            <div>
              <strong>{name}</strong> <code>{prefix}…</code>{' '}
              {roles.map((role) => (
                <Badge key={role}>{role}</Badge>
              ))}
              <p>
                {lastUsedAt === null ? (
                  'Never used'
                ) : (
                  <>
                    Last used <Time value={lastUsedAt} />
                  </>
                )}
                . Ends <Time value={expiresAt} show="day" />
              </p>
            </div>
            <IconButton icon="trash" label={`Revoke ${name}`} onClick={() => void ask(id, name)} />
          </li>
        ))}
      </ul>
      {adding && <AddKey onClose={() => setAdding(false)} />}
    </Sheet>
  );
}

function AddKey({ onClose }: { onClose: () => void }) {
  const desk = useDesk();
  const { role } = useWorker();
  const [name, setName] = useState('');
  const [keyRole, setKeyRole] = useState<RoleName>('viewer');
  const [days, setDays] = useState('365');
  const [created, setCreated] = useState<Created>();
  const create = useAct(
    () => desk.post('/v1/auth/api-keys', { body: { name, roles: [keyRole], expiresInDays: Number(days) } }),
    { then: setCreated },
  );
  if (created !== undefined)
    return (
      <OnceShown title={`API key ${created.name}`} secret={created.key} onClose={onClose}>
        <p>This is the only time that the key is shown. Send it as a bearer token.</p>
      </OnceShown>
    );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <Dialog
      title="Add an API key"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form="add-key" tone="accent" busy={create.isPending}>
            Add the key
          </Button>
        </>
      }
    >
      <form id="add-key" className="account-form" onSubmit={submit}>
        <Field label="Name" hint="The program that uses it">
          <TextInput required maxLength={100} value={name} onChange={setName} />
        </Field>
        <Field label="Role" hint="At most your own. Give a program no more than it needs">
          <Select
            value={keyRole}
            onChange={(value) => setKeyRole(value as RoleName)}
            options={RANKS.slice(0, RANKS.indexOf(role) + 1)}
          />
        </Field>
        <Field label="Valid for, in days" hint="From 1 to 1825">
          <TextInput type="number" min={1} max={1825} required value={days} onChange={setDays} />
        </Field>
      </form>
    </Dialog>
  );
}
