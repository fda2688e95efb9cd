import {
  createContext,
  type ReactNode,
  use,
  useEffect,
  useEffectEvent,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { DeskProblem } from '@deskwire/client';
import { Button, IconButton } from './button.js';
import { detailOf } from './detail-of.js';

interface ToastAction {
  label: string;
  run: () => void;
}
interface Toast {
  id: number;
  text: string;
  tone: 'good' | 'bad' | 'info';
  correlationId?: string | undefined;
  action?: ToastAction | undefined;
}

/** Shows a short message. `problem` shows an error: its detail and correlation id, until the person closes it. */
export interface Toaster {
  (text: string, options?: { tone?: Toast['tone']; action?: ToastAction }): void;
  problem(error: unknown): void;
}

const SHOWN_MS = 6_000;
const SHOWN_MAX = 4;
const ToastContext = createContext<Toaster>(Object.assign(() => {}, { problem: () => {} }));

export function ToastProvider({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<readonly Toast[]>([]);
  const [toaster] = useState<Toaster>(() => {
    let last = 0;
    const add = (toast: Omit<Toast, 'id'>) =>
      setToasts((shown) =>
        [...shown.filter(({ text }) => text !== toast.text), { ...toast, id: ++last }].slice(-SHOWN_MAX),
      );
    return Object.assign<(...say: Parameters<Toaster>) => void, Pick<Toaster, 'problem'>>(
      (text, { tone = 'good', action } = {}) => add({ text, tone, action }),
      {
        problem: (error) => {
          const problem = error instanceof DeskProblem ? error : undefined;
          add({ text: detailOf(error), tone: 'bad', correlationId: problem?.correlationId });
        },
      },
    );
  });
  const box = useRef<HTMLElement>(null);
  // Opened again for each message, so that it is above a dialog that opened in between.
  useLayoutEffect(() => {
    if (box.current?.matches(':popover-open')) box.current.hidePopover();
    if (toasts.length > 0) box.current?.showPopover();
  }, [toasts]);
  const close = (id: number) => setToasts((shown) => shown.filter((toast) => toast.id !== id));
  return (
    <ToastContext value={toaster}>
      {children}
      <section className="toasts" aria-label="Messages" aria-live="polite" popover="manual" ref={box}>
        {toasts.map((toast) => (
          <ToastBox key={toast.id} toast={toast} close={() => close(toast.id)} />
        ))}
      </section>
    </ToastContext>
  );
}

function ToastBox({ toast, close }: { toast: Toast; close: () => void }) {
  const { text, tone, correlationId, action } = toast;
  const expire = useEffectEvent(close);
  useEffect(() => {
    if (tone === 'bad') return undefined;
    const timer = setTimeout(() => expire(), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [tone]);
  return (
    <div className="toast" data-tone={tone} role={tone === 'bad' ? 'alert' : undefined}>
      <div>
        <p>{text}</p>
        {correlationId && (
          <p className="toast-id">
            Correlation id <code>{correlationId}</code>
            <IconButton
              icon="copy"
              label="Copy the correlation id"
              onClick={() => void navigator.clipboard?.writeText(correlationId)}
            />
          </p>
        )}
      </div>
      {action && (
        <Button
          onClick={() => {
            action.run();
            close();
          }}
        >
          {action.label}
        </Button>
      )}
      <IconButton icon="close" label="Close the message" onClick={close} />
    </div>
  );
}

export function useToast(): Toaster {
  return use(ToastContext);
}
