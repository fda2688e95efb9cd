import { createContext, type ReactNode, use, useState } from 'react';
import { Button } from './button.js';
import { Dialog } from './dialog.js';

export interface Question {
  /** A question that names the thing: "Delete the rule Trading halts?" */
  title: string;
  /** What happens, and whether it can be undone. */
  body?: ReactNode;
  /** The act, as the button says it: "Delete". */
  act: string;
  tone?: 'accent' | 'bad';
}
type Confirm = (question: Question) => Promise<boolean>;

const ConfirmContext = createContext<Confirm>(() => Promise.resolve(false));

export function ConfirmProvider({ children }: { children: ReactNode }) {
  const [asked, setAsked] = useState<Question & { answer: (agreed: boolean) => void }>();
  const [confirm] = useState<Confirm>(
    () => (question: Question) =>
      new Promise<boolean>((resolve) => {
        const answer = (agreed: boolean) => {
          setAsked(undefined);
          resolve(agreed);
        };
        setAsked({ ...question, answer });
      }),
  );
  return (
    <ConfirmContext value={confirm}>
      {children}
      {asked && (
        <Dialog
          title={asked.title}
          onClose={() => asked.answer(false)}
          footer={
            <>
              <Button onClick={() => asked.answer(false)}>Cancel</Button>
              <Button tone={asked.tone ?? 'bad'} onClick={() => asked.answer(true)}>
                {asked.act}
              </Button>
            </>
          }
        >
          {asked.body ?? 'This cannot be undone.'}
        </Dialog>
      )}
    </ConfirmContext>
  );
}

/** @returns a function that asks, and resolves to whether the person agreed */
export function useConfirm(): Confirm {
  return use(ConfirmContext);
}
