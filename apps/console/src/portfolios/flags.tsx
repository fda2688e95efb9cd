import { Badge } from '../ui/index.js';
import { sortedFlags } from './flag-words.js';

const SHOWN = 3;

/** Flags as badges, the worst first. The whole sentence of each is its title and read out. */
export function Flags({ reasons }: { reasons: readonly string[] }) {
  const flags = sortedFlags(reasons);
  if (flags.length === 0) return null;
  return (
    <span className="flags">
      {flags.slice(0, SHOWN).map(({ tone, short, long }) => (
        <span key={short} title={long}>
          <Badge tone={tone}>{short}</Badge>
        </span>
      ))}
      {flags.length > SHOWN && <span title={flags.map(({ long }) => long).join('\n')}>+{flags.length - SHOWN}</span>}
    </span>
  );
}
