import { useEffect, useState } from 'react';
import { useWorker } from '../ui/index.js';

/** How a draft becomes text and is read again. */
interface DraftText<Draft> {
  /** Without secrets and passwords: the text stays in the tab. */
  textOf: (draft: Draft) => string;
  /** @param fresh the draft of a form that nobody has touched. @throws SyntaxError for a text that is none of the draft */
  read: (text: string, fresh: Draft) => Draft;
}

export interface KeptDraft {
  /** What was typed on an earlier visit is shown. */
  isRestored: boolean;
  /** The draft was saved, or the person closes its form. */
  forget: () => void;
  /** Shows the fresh draft again. */
  discard: () => void;
}

/**
 * What a person types into a form. It is kept in this tab, so that a reload, a sign-out or a restart of the desk loses no input.
 * @param name of the form in the tab, with the id of what it changes
 */
export function useKeptDraft<Draft>(
  name: string,
  initial: Draft,
  { textOf, read }: DraftText<Draft>,
): [Draft, (change: (before: Draft) => Draft) => void, KeptDraft] {
  // Another person who signs in in this tab does not see it.
  const key = `deskwire.draft.${useWorker().id}.${name}`;
  const fresh = textOf(initial);
  const [start] = useState(() => {
    const text = sessionStorage.getItem(key);
    if (text === null || text === fresh) return { draft: initial, isRestored: false };
    try {
      return { draft: read(text, initial), isRestored: true };
    } catch {
      return { draft: initial, isRestored: false };
    }
  });
  const [draft, setDraft] = useState(start.draft);
  const [isRestored, setRestored] = useState(start.isRestored);
  const text = textOf(draft);
  useEffect(() => {
    if (text === fresh) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, text);
  }, [key, text, fresh]);
  const discard = () => {
    setDraft(initial);
    setRestored(false);
  };
  const forget = () => {
    sessionStorage.removeItem(key);
    setRestored(false);
  };
  return [draft, setDraft, { isRestored, forget, discard }];
}

type Fields<Form> = { [Name in keyof Form]: string | boolean };

/**
 * The draft of a form of texts and choices.
 * @param secrets fields that are never kept, such as passwords
 */
export function fieldsText<Form extends Fields<Form>>(...secrets: (keyof Form)[]): DraftText<Form> {
  return {
    textOf: (form) =>
      JSON.stringify(form, (name, value: unknown) => (secrets.includes(name as keyof Form) ? undefined : value)),
    read: (text, fresh) => {
      const kept = JSON.parse(text) as Partial<Form>;
      const names = Object.keys(fresh) as (keyof Form)[];
      // A build may have other fields than the one that kept the text.
      const usable = names.filter((name) => !secrets.includes(name) && typeof kept[name] === typeof fresh[name]);
      return { ...fresh, ...Object.fromEntries(usable.map((name) => [name, kept[name]])) };
    },
  };
}
