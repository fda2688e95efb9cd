import type { Answer } from '@deskwire/client';
import { useDesk } from '@deskwire/client/react';
import { useQuery } from '@tanstack/react-query';
import { Empty, Time, useAct, useConfirm } from '../ui/index.js';
import { AccessTable } from './access-table.js';

type Key = Answer<'/v1/users/{id}/api-keys'>['items'][number];

const COLUMNS = [
  { title: 'Name', cell: (key: Key) => key.name },
  { title: 'Begins with', cell: (key: Key) => <code>{key.prefix}</code> },
  { title: 'Roles', cell: (key: Key) => key.roles.join(', ') },
  { title: 'Last used', cell: (key: Key) => (key.lastUsedAt === null ? 'never' : <Time value={key.lastUsedAt} />) },
  { title: 'Expires', cell: (key: Key) => <Time value={key.expiresAt} /> },
];

/** The active API keys of a user, and the way to revoke them. */
export function UserKeys({ id, email }: { id: string; email: string }) {
  const desk = useDesk();
  const confirm = useConfirm();
  const { data } = useQuery({
    queryKey: ['/v1/users/{id}/api-keys', id],
    queryFn: () => desk.get('/v1/users/{id}/api-keys', { params: { id } }),
  });
  const revoke = useAct((keyId: string) => desk.delete('/v1/users/{id}/api-keys/{keyId}', { params: { id, keyId } }), {
    done: 'The key no longer works.',
  });
  const revokeAll = useAct(() => desk.delete('/v1/users/{id}/api-keys', { params: { id } }), {
    done: `Every key of ${email} is revoked.`,
  });
  const ask = (title: string) =>
    confirm({
      title,
      body: 'What uses it gets 401 at once. A revoked key does not come back; the person can make a new one.',
      act: 'Revoke',
    });
  if (data === undefined) return null;
  if (data.items.length === 0) return <Empty title="No API key" next="The person can make one on the page Account." />;
  return (
    <AccessTable
      rows={data.items}
      columns={COLUMNS}
      act="Revoke"
      labelOf={({ name }) => `Revoke the key ${name}`}
      onAct={async ({ id: keyId, name }) => {
        if (await ask(`Revoke the key ${name}?`)) revoke.mutate(keyId);
      }}
      actOnAll="Revoke all"
      onAll={async () => {
        if (await ask(`Revoke every key of ${email}?`)) revokeAll.mutate();
      }}
    />
  );
}
