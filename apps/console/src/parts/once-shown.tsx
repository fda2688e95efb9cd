import type { ReactNode } from 'react';
import { Button, Dialog, useToast } from '../ui/index.js';
import './parts.css';

interface OnceShownProps {
  title: string;
  secret: string;
  /** What the secret is for. */
  children: ReactNode;
  onClose: () => void;
}

/** A secret that the desk tells once. It closes by its button only, so that no stray key loses it. */
export function OnceShown({ title, secret, children, onClose }: OnceShownProps) {
  const toast = useToast();
  const copy = () =>
    navigator.clipboard.writeText(secret).then(
      () => toast('Copied.'),
      () => toast('The browser did not copy it. Select it and copy it yourself.', { tone: 'bad' }),
    );
  return (
    <Dialog
      title={title}
      footer={
        <>
          <Button icon="copy" onClick={() => void copy()}>
            Copy
          </Button>
          <Button tone="accent" onClick={onClose}>
            I have stored it
          </Button>
        </>
      }
    >
      {children}
      <output className="once-shown">{secret}</output>
    </Dialog>
  );
}
