import { Button } from '../ui/index.js';
import type { KeptDraft } from './use-kept-draft.js';

/** Says that a form has what was typed on an earlier visit, and offers to forget it. */
export function Restored({ kept, without }: { kept: KeptDraft; without?: string }) {
  if (!kept.isRestored) return null;
  return (
    <p className="notice" role="status">
      Your unsaved changes are here again{without && `, without ${without}`}.{' '}
      <Button onClick={kept.discard}>Discard them</Button>
    </p>
  );
}
