import type { ItemOf } from '@deskwire/client';
import { Badge } from '../ui/index.js';

export type AlertRow = ItemOf<'/v1/alerts'>;
export const SEVERITIES = ['critical', 'warning', 'info'] as const;
export type AlertSeverity = AlertRow['severity'];
export const SEVERITY_TONES = { critical: 'bad', warning: 'warn', info: 'info' } as const;

export function SeverityBadge({ severity }: { severity: AlertSeverity }) {
  return <Badge tone={SEVERITY_TONES[severity]}>{severity}</Badge>;
}
