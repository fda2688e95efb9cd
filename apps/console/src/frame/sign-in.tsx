import { type FormEvent, useId, useState } from 'react';
import { useDesk } from '@deskwire/client/react';
import { Button, detailOf, Field, TextInput } from '../ui/index.js';

interface SignInFormProps {
  /** The address of the person whose login has ended. */
  email?: string;
  onDone?: () => void;
}

export function SignInForm({ email: known = '', onDone }: SignInFormProps) {
  const desk = useDesk();
  const [email, setEmail] = useState(known);
  const [password, setPassword] = useState('');
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const problemId = useId();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setProblem(undefined);
    try {
      await desk.signIn({ email: email.trim(), password });
      onDone?.();
    } catch (error) {
      setProblem(detailOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className="sign-in-form" onSubmit={(event) => void submit(event)} aria-describedby={problemId}>
      <Field label="E-mail">
        <TextInput
          name="email"
          type="email"
          autoComplete="username"
          required
          value={email}
          onChange={setEmail}
          autoFocus={!known}
        />
      </Field>
      <Field label="Password">
        <TextInput
          name="password"
          type="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={setPassword}
          autoFocus={Boolean(known)}
        />
      </Field>
      <p role="alert" className="field-error" id={problemId}>
        {problem}
      </p>
      <Button type="submit" tone="accent" busy={busy}>
        Sign in
      </Button>
    </form>
  );
}

/** Shown at whatever address was opened: after the sign-in its page appears. */
export function SignInPage() {
  return (
    <main className="sign-in">
      <div className="sheet sign-in-sheet">
        <h1 className="brand">
          Desk<span>wire</span>
        </h1>
        <p className="sign-in-about">Sign in to the desk.</p>
        <SignInForm />
      </div>
    </main>
  );
}
