import { useDesk, useIdentity } from '@deskwire/client/react';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { Badge, Button, Drawer, detailOf, Empty, Field, Select, Sheet, Time, useAct, useConfirm } from '../ui/index.js';
import { OnceShown } from '../parts/once-shown.js';
import { highestRole, ROLE_WORDS, roleChange, USER_ROLES, type UserRole } from './role-words.js';
import { UserKeys } from './user-keys.js';
import { UserLogins } from './user-logins.js';

/** One user: role, state, password, API keys and sign-ins. */
export function UserDetail({ id, onClose }: { id: string; onClose: () => void }) {
  const desk = useDesk();
  const confirm = useConfirm();
  const own = useIdentity()?.id === id;
  const params = { id };
  const found = useQuery({ queryKey: ['/v1/users/{id}', id], queryFn: () => desk.get('/v1/users/{id}', { params }) });
  const change = useAct(
    (body: { roles?: UserRole[]; disabled?: boolean; displayName?: string }) =>
      desk.patch('/v1/users/{id}', { params, body }),
    { done: ({ email }) => `${email} is changed.` },
  );
  const reset = useAct(() => desk.post('/v1/users/{id}/reset', { params, body: {} }), {
    done: 'The password is reset.',
  });
  const person = found.data;

  const setRole = async (to: UserRole) => {
    const from = highestRole(person!.roles);
    const self = own ? ' This is you.' : '';
    const question = {
      title: `Make ${person!.email} ${to}?`,
      body: roleChange(from, to) + self,
      act: 'Change the role',
    };
    if (to !== from && (await confirm(question))) change.mutate({ roles: [to] });
  };
  const setDisabled = async (disabled: boolean) => {
    const body = own
      ? 'This is you. You are signed out at once, and another admin has to enable you again.'
      : 'The person is signed out at once, and their API keys stop working. You can enable them again.';
    if (!disabled || (await confirm({ title: `Disable ${person!.email}?`, body, act: 'Disable' })))
      change.mutate({ disabled });
  };
  const askToReset = async () => {
    const body =
      'The desk makes a one-time password, which is shown once. Every sign-in and API key of the person ends.';
    if (await confirm({ title: `Reset the password of ${person!.email}?`, body, act: 'Reset' })) reset.mutate();
  };
  return (
    <Drawer
      wide
      title={person?.email ?? 'User'}
      onClose={onClose}
      footer={
        person && (
          <>
            <Button
              tone={person.disabledAt === null ? 'bad' : 'plain'}
              busy={change.isPending}
              onClick={() => void setDisabled(person.disabledAt === null)}
            >
              {person.disabledAt === null ? 'Disable' : 'Enable'}
            </Button>
            <Button busy={reset.isPending} onClick={() => void askToReset()}>
              Reset the password
            </Button>
          </>
        )
      }
    >
      {found.error && !person && <Empty title="This user cannot be shown" next={detailOf(found.error)} />}
      {person && (
        <>
          <p className="aside">
            <b>{person.displayName}</b>
            {person.disabledAt !== null && (
              <Badge tone="bad">
                disabled <Time value={person.disabledAt} />
              </Badge>
            )}
            {person.isDemo && <Badge>demo</Badge>}
            <span>
              added <Time value={person.createdAt} />
            </span>
            <Link href={`/audit?actor=${id}`}>What they did</Link>
            <Link href={`/audit?subject=${id}`}>What was done to them</Link>
          </p>
          <Field label="Role" hint={ROLE_WORDS[highestRole(person.roles)]}>
            <Select
              value={highestRole(person.roles)}
              onChange={(role) => void setRole(role as UserRole)}
              options={USER_ROLES}
            />
          </Field>
          <Sheet title="Sign-ins">
            <UserLogins id={id} email={person.email} />
          </Sheet>
          <Sheet title="API keys">
            <UserKeys id={id} email={person.email} />
          </Sheet>
        </>
      )}
      {reset.data && person && (
        <OnceShown
          title={`New password of ${person.email}`}
          secret={reset.data.oneTimePassword ?? ''}
          onClose={reset.reset}
        >
          <p>Give it to the person over a way that you trust. It is not shown again.</p>
        </OnceShown>
      )}
    </Drawer>
  );
}
