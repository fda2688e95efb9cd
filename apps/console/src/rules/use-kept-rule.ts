import { useEffect, useState } from 'react';
import { useWorker } from '../ui/index.js';
import { changeText, editingOf, type RuleDraft, type RuleEditing } from './rule-draft.js';

interface KeptRule {
  /** The text of an earlier visit is shown. */
  isRestored: boolean;
  /** The rule was saved. */
  forget: () => void;
  /** Shows the stored rule again. */
  discard: () => void;
}

/**
 * A rule that is being edited. Its text is kept in this tab, so that a reload, a sign-out or a restart of the desk loses no
 * input.
 * @param name of the rule in the tab: its id, or `new`
 */
export function useKeptRule(
  name: string,
  initial: RuleDraft,
): [RuleEditing, (change: (before: RuleEditing) => RuleEditing) => void, KeptRule] {
  // Another person who signs in in this tab does not see it.
  const key = `deskwire.rule.${useWorker().id}.${name}`;
  const [start] = useState(() => {
    const fresh = editingOf(initial);
    const text = sessionStorage.getItem(key);
    return text === null || text === fresh.text
      ? { editing: fresh, isRestored: false }
      : { editing: changeText(fresh, text), isRestored: true };
  });
  const [editing, setEditing] = useState(start.editing);
  const [isRestored, setRestored] = useState(start.isRestored);
  const stored = editingOf(initial).text;
  useEffect(() => {
    if (editing.text === stored) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, editing.text);
  }, [key, editing.text, stored]);
  const discard = () => {
    setEditing(editingOf(initial));
    setRestored(false);
  };
  const forget = () => {
    sessionStorage.removeItem(key);
    setRestored(false);
  };
  return [editing, setEditing, { isRestored, forget, discard }];
}
