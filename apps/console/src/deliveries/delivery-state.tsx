import { Badge, type Tone } from '../ui/index.js';

export const DELIVERY_STATUSES = ['pending', 'sending', 'delivered', 'held', 'dead', 'cancelled'] as const;

/** By meaning: a dead letter is bad news, a waiting one is none. */
const TONES: Readonly<Record<string, Tone>> = { delivered: 'good', held: 'warn', dead: 'bad', sending: 'info' };

export function DeliveryBadge({ status }: { status: string }) {
  return <Badge tone={TONES[status] ?? 'plain'}>{status}</Badge>;
}
