import { DeskProblem } from '@deskwire/client';
import { useDesk } from '@deskwire/client/react';
import { type FormEvent, useState } from 'react';
import { Button, Checkbox, Field, Sheet, TextInput, useAct } from '../ui/index.js';

const NOTHING = { currentPassword: '', newPassword: '', repeated: '', endApiKeys: false };

export function PasswordForm() {
  const desk = useDesk();
  const [form, setForm] = useState(NOTHING);
  const { currentPassword, newPassword, repeated, endApiKeys } = form;
  const change = useAct(() => desk.post('/v1/auth/password', { body: { currentPassword, newPassword, endApiKeys } }), {
    done: 'The password is changed. Sign in with the new one.',
    quiet: true,
    then: () => setForm(NOTHING),
  });
  const problem = change.error instanceof DeskProblem ? change.error : undefined;
  const errorOf = (field: string) => problem?.errors?.find((each) => each.field === field)?.allowed;
  const differs = repeated !== '' && repeated !== newPassword;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!differs) change.mutate();
  };
  return (
    <Sheet title="Password">
      <form className="account-form" onSubmit={submit}>
        <Field label="Current password" error={errorOf('currentPassword')}>
          <TextInput
            type="password"
            autoComplete="current-password"
            required
            value={currentPassword}
            onChange={(value) => setForm({ ...form, currentPassword: value })}
          />
        </Field>
        <Field label="New password" hint="At least 12 characters" error={errorOf('newPassword')}>
          <TextInput
            type="password"
            autoComplete="new-password"
            required
            value={newPassword}
            onChange={(value) => setForm({ ...form, newPassword: value })}
          />
        </Field>
        <Field label="New password again" error={differs ? 'It differs from the new password.' : undefined}>
          <TextInput
            type="password"
            autoComplete="new-password"
            required
            value={repeated}
            onChange={(value) => setForm({ ...form, repeated: value })}
          />
        </Field>
        <Checkbox
          label="Also revoke my API keys: another person may know the password"
          checked={endApiKeys}
          onChange={(value) => setForm({ ...form, endApiKeys: value })}
        />
        {problem && !problem.errors && (
          <p className="field-error" role="alert">
            {problem.detail}
          </p>
        )}
        <Button type="submit" tone="accent" busy={change.isPending}>
          Change the password
        </Button>
        <p className="field-hint">Every login of yours ends, in this browser, too.</p>
      </form>
    </Sheet>
  );
}
