import type { Answer } from '@deskwire/client';
import { useDesk } from '@deskwire/client/react';
import { useQuery } from '@tanstack/react-query';
import { browserOf } from '../parts/browser-words.js';
import { Empty, Time, useAct, useConfirm } from '../ui/index.js';
import { AccessTable } from './access-table.js';

type Login = Answer<'/v1/users/{id}/logins'>['items'][number];

const COLUMNS = [
  { title: 'Since', cell: (login: Login) => <Time value={login.createdAt} /> },
  { title: 'Last used', cell: (login: Login) => <Time value={login.lastUsedAt} /> },
  {
    title: 'From',
    cell: ({ userAgent, address }: Login) => (
      <span title={userAgent ?? ''}>
        {address} <small>{browserOf(userAgent)}</small>
      </span>
    ),
  },
  { title: 'Ends', cell: (login: Login) => <Time value={login.expiresAt} show="day" /> },
];

/** The active sign-ins of a user, and the way to end them. */
export function UserLogins({ id, email }: { id: string; email: string }) {
  const desk = useDesk();
  const confirm = useConfirm();
  const { data } = useQuery({
    queryKey: ['/v1/users/{id}/logins', id],
    queryFn: () => desk.get('/v1/users/{id}/logins', { params: { id } }),
  });
  const end = useAct((loginId: string) => desk.delete('/v1/users/{id}/logins/{loginId}', { params: { id, loginId } }), {
    done: 'The sign-in has ended.',
  });
  const endAll = useAct(() => desk.delete('/v1/users/{id}/logins', { params: { id } }), {
    done: `${email} is signed out everywhere.`,
  });
  const ask = (title: string) =>
    confirm({
      title,
      body: 'Its tokens stop working and its screens close. The person can sign in again.',
      act: 'Sign out',
    });
  if (data === undefined) return null;
  if (data.items.length === 0)
    return <Empty title="Not signed in anywhere" next="A sign-in appears here as soon as the person signs in." />;
  return (
    <AccessTable
      rows={data.items}
      columns={COLUMNS}
      act="End"
      labelOf={({ address }) => `End the sign-in from ${address ?? 'an unknown address'}`}
      onAct={async (login) => {
        if (await ask('End this sign-in?')) end.mutate(login.id);
      }}
      actOnAll="Sign out everywhere"
      onAll={async () => {
        if (await ask(`Sign ${email} out everywhere?`)) endAll.mutate();
      }}
    />
  );
}
