import { useEffect, useEffectEvent } from 'react';

/** Time for the second key of `g` and a letter. */
const SEQUENCE_MS = 1_200;

export interface Shortcuts {
  palette: () => void;
  help: () => void;
  /** `g` and a letter. @returns whether there is such a page */
  go: (key: string) => boolean;
}

/** Keys of the whole console. They do nothing while the person types. */
export function useShortcuts(acts: Shortcuts): void {
  const onKey = useEffectEvent((event: KeyboardEvent, pending: boolean): boolean => {
    const { key, ctrlKey, metaKey, altKey, target } = event;
    if ((ctrlKey || metaKey) && key.toLowerCase() === 'k') {
      event.preventDefault();
      acts.palette();
      return false;
    }
    if (ctrlKey || metaKey || altKey || isTyping(target)) return false;
    if (document.querySelector('dialog[open]')) return false;
    if (pending && acts.go(key)) event.preventDefault();
    else if (key === 'g') return true;
    else if (key === '?') acts.help();
    else if (key === '/') {
      const search = document.querySelector<HTMLInputElement>('main input[type=search]');
      if (search === null) acts.palette();
      else search.focus();
      event.preventDefault();
    }
    return false;
  });
  useEffect(() => {
    let pendingSince = -Infinity;
    const listen = (event: KeyboardEvent) => {
      const pending = event.timeStamp - pendingSince < SEQUENCE_MS;
      pendingSince = onKey(event, pending) ? event.timeStamp : -Infinity;
    };
    addEventListener('keydown', listen);
    return () => removeEventListener('keydown', listen);
  }, []);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

/** What the help lists. */
export const KEYS: readonly [keys: string, meaning: string][] = [
  ['Ctrl K', 'Search pages, acts and instruments'],
  ['/', 'Search on this page'],
  ['?', 'This help'],
  ['g, then a letter', 'Go to a page: see the letters below'],
  ['j, k or ↓, ↑', 'Next or previous row of a table'],
  ['Home, End', 'First or last row'],
  ['Enter or o', 'Open the row'],
  ['Space or x', 'Select the row'],
  ['a', 'Acknowledge, on the page Alerts'],
  ['Esc', 'Close a dialog'],
];
