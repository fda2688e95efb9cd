import { useDesk } from '@deskwire/client/react';
import { browserOf } from '../parts/browser-words.js';
import { Badge, Button, IconButton, Sheet, Time, useAct, useConfirm, useList } from '../ui/index.js';

/** Where this person is signed in. */
export function Logins() {
  const desk = useDesk();
  const confirm = useConfirm();
  const { rows } = useList('/v1/auth/logins');
  const end = useAct((loginId: string) => desk.delete('/v1/auth/logins/{loginId}', { params: { loginId } }), {
    done: 'The login has ended.',
  });
  const endOthers = useAct(() => desk.delete('/v1/auth/logins'), {
    done: ({ ended }) => (ended === 1 ? 'One other login has ended.' : `${ended} other logins have ended.`),
  });
  const ask = async () => {
    const body = 'Every other browser is signed out at once. This one and API keys stay.';
    if (await confirm({ title: 'Sign out everywhere else?', body, act: 'Sign out' })) endOthers.mutate();
  };
  return (
    <Sheet
      title="Sign-ins"
      actions={rows.length > 1 && <Button onClick={() => void ask()}>Sign out everywhere else</Button>}
    >
      <ul className="account-list">
        {rows.map(({ id, userAgent, address, createdAt, lastUsedAt, current }) => (
          <li key={id}>
            <div>
              <strong>{browserOf(userAgent) || 'Unknown program'}</strong> {address}{' '}
              {current && <Badge tone="info">this one</Badge>}
              <p>
                Since <Time value={createdAt} />, last seen <Time value={lastUsedAt} />
              </p>
            </div>
            {!current && (
              <IconButton
                icon="close"
                label={`End the login of ${browserOf(userAgent) || 'an unknown program'} at ${address ?? 'an unknown address'}`}
                onClick={() => end.mutate(id)}
              />
            )}
          </li>
        ))}
      </ul>
    </Sheet>
  );
}
