import { type QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createContext, type ReactNode, use, useCallback, useEffect, useRef, useState } from 'react';
import { useDesk, useIdentity } from '@deskwire/client/react';
import { createQueries } from '../desk-client.js';
import { type Worker, WorkerContext } from '../ui/roles.js';
import { SignInForm, SignInPage } from './sign-in.js';

const LeaveContext = createContext<() => void>(() => {});

/** Signs out, and forgets what this tab holds. */
export function useLeave(): () => void {
  return use(LeaveContext);
}

interface Seat {
  worker: Worker;
  /** Another person who signs in here gets none of the answers that were read for the first one. */
  queries: QueryClient;
}

/**
 * Shows the console to a person who is signed in. When a login ends without the person's will, the console stays below a dialog:
 * signing in again continues where it ended, with all that was typed.
 */
export function WorkerGate({ children }: { children: ReactNode }) {
  const desk = useDesk();
  const identity = useIdentity();
  const [seat, setSeat] = useState<Seat>();
  const { worker, queries } = seat ?? {};
  const [leaving, setLeaving] = useState(false);
  if (identity && (worker?.id !== identity.id || worker.role !== identity.role))
    setSeat({ worker: { ...identity }, queries: worker?.id === identity.id && queries ? queries : createQueries() });
  if (identity === undefined && worker !== undefined && leaving) setSeat(undefined);
  if (leaving && identity === undefined) setLeaving(false);
  const leave = useCallback(() => {
    setLeaving(true);
    void desk.signOut();
  }, [desk]);
  const lost = worker !== undefined && identity === undefined;
  const before = useRef(lost);
  useEffect(() => {
    if (before.current && !lost) void queries?.invalidateQueries();
    before.current = lost;
  }, [lost, queries]);
  if (seat === undefined || worker === undefined) return <SignInPage />;
  return (
    <WorkerContext value={worker}>
      <LeaveContext value={leave}>
        {/* Another person gets nothing of the first one's page. */}
        <div className="console" key={worker.id} inert={lost}>
          <QueryClientProvider client={seat.queries}>{children}</QueryClientProvider>
        </div>
        {lost && <SignInAgain worker={worker} forget={() => setSeat(undefined)} />}
      </LeaveContext>
    </WorkerContext>
  );
}

function SignInAgain({ worker, forget }: { worker: Worker; forget: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const shown = dialog.current!;
    if (!shown.open) shown.showModal();
    shown.querySelector<HTMLInputElement>('[name=password]')!.focus();
  }, []);
  return (
    <dialog ref={dialog} className="modal" aria-labelledby="ended" onCancel={(event) => event.preventDefault()}>
      <div className="modal-box">
        <header className="modal-head">
          <h2 id="ended">Your login has ended</h2>
        </header>
        <div className="modal-body">
          <p role="status">Sign in to continue. The page and all that you typed are kept.</p>
          <SignInForm email={worker.email} />
          <button type="button" className="link" onClick={forget}>
            Leave the page instead
          </button>
        </div>
      </div>
    </dialog>
  );
}
