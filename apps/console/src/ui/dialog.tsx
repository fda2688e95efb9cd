import { type ReactNode, useEffect, useId, useRef } from 'react';
import { IconButton } from './button.js';

interface DialogProps {
  title: string;
  /** Absent: only a button of the footer closes it. */
  onClose?: () => void;
  children: ReactNode;
  /** Buttons, the main act last. */
  footer?: ReactNode;
  wide?: boolean;
}

/** A modal dialog, open while it is rendered. Escape and a click beside it call `onClose`; focus returns to where it was. */
export function Dialog(props: DialogProps) {
  return <Modal {...props} kind="dialog" />;
}

/** As a Dialog, at the right edge and as high as the window: for the details of a row. */
export function Drawer(props: DialogProps) {
  return <Modal {...props} kind="drawer" />;
}

/** Where the keyboard begins: in a form at its first control, in a question at its first answer. */
const FIRST_CONTROL = '.modal-body :is(input, select, textarea), .modal-foot button';

function Modal({ title, onClose, children, footer, wide, kind }: DialogProps & { kind: 'dialog' | 'drawer' }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const pressed = useRef(false);
  const titleId = useId();
  useEffect(() => {
    const shown = dialog.current!;
    const before = document.activeElement;
    if (!shown.open) shown.showModal();
    shown.querySelector<HTMLElement>(FIRST_CONTROL)?.focus();
    return () => {
      shown.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      className={`modal ${kind}`}
      data-wide={wide || undefined}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose?.();
      }}
      onMouseDown={(event) => (pressed.current = event.target === dialog.current)}
      onClick={(event) => {
        // A text that is selected to the outside ends with a click beside the dialog, too.
        if (pressed.current && event.target === dialog.current) onClose?.();
      }}
    >
      <div className="modal-box">
        <header className="modal-head">
          <h2 id={titleId}>{title}</h2>
          {onClose && <IconButton icon="close" label="Close" onClick={onClose} />}
        </header>
        <div className="modal-body" tabIndex={-1}>
          {children}
        </div>
        {footer && <footer className="modal-foot">{footer}</footer>}
      </div>
    </dialog>
  );
}
