import { Badge } from '../ui/index.js';

const REASONS: Readonly<Record<string, string>> = { failing: 'too many attempts fail', gone: 'the receiver is gone' };
const TONES = { healthy: 'good', degraded: 'warn', disabled: 'bad' } as const;

interface WebhookStateProps {
  webhook: { state: keyof typeof TONES; stateReason: string | null };
}

/** A pause is a decision of a person, so it is no bad news. */
export function WebhookState({ webhook: { state, stateReason } }: WebhookStateProps) {
  if (stateReason === 'paused') return <Badge>paused</Badge>;
  return (
    <Badge tone={TONES[state]}>
      {stateReason === null ? state : `${state}: ${REASONS[stateReason] ?? stateReason}`}
    </Badge>
  );
}
