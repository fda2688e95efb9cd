import { useDesk } from '@deskwire/client/react';
import { useState } from 'react';
import { Button, Dialog, Field, Select, TextInput, useAct } from '../ui/index.js';
import { OnceShown } from '../parts/once-shown.js';
import { ProblemText } from '../parts/problem-text.js';
import { ROLE_WORDS, USER_ROLES, type UserRole } from './role-words.js';

const ROLE_CHOICES = USER_ROLES.map((role) => ({ value: role, label: ROLE_WORDS[role] }));

/** Adds a user, and shows the one-time password once. */
export function AddUser({ onClose }: { onClose: () => void }) {
  const desk = useDesk();
  const [email, setEmail] = useState('');
  const [displayName, setDisplayName] = useState('');
  const [role, setRole] = useState<string>('trader');
  const add = useAct(
    () =>
      desk.post('/v1/users', {
        body: {
          email: email.trim(),
          roles: [role as UserRole],
          ...(displayName.trim() !== '' && { displayName: displayName.trim() }),
        },
      }),
    { quiet: true, done: `${email} is added.` },
  );
  if (add.data?.oneTimePassword !== undefined)
    return (
      <OnceShown title={`Password of ${add.data.email}`} secret={add.data.oneTimePassword} onClose={onClose}>
        <p>Give it to the person over a way that you trust. It is not shown again.</p>
      </OnceShown>
    );
  return (
    <Dialog
      title="Add a user"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            tone="accent"
            busy={add.isPending}
            disabled={!/^\S+@\S+$/.test(email.trim())}
            onClick={() => add.mutate()}
          >
            Add
          </Button>
        </>
      }
    >
      <Field label="E-mail">
        <TextInput type="email" value={email} onChange={setEmail} autoComplete="off" />
      </Field>
      <Field label="Name" hint="May be empty">
        <TextInput value={displayName} onChange={setDisplayName} autoComplete="off" />
      </Field>
      <Field label="Role">
        <Select value={role} onChange={setRole} options={ROLE_CHOICES} />
      </Field>
      <p className="note">The desk makes a one-time password, which is shown once.</p>
      {add.error && <ProblemText problem={add.error} />}
    </Dialog>
  );
}
