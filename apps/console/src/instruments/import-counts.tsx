const NAMES = {
  inserted: 'new',
  updated: 'changed',
  relisted: 'relisted',
  delisted: 'delisted',
  unchanged: 'unchanged',
  filtered: 'left out by the mapping',
  warnings: 'with a warning',
  quarantined: 'quarantined',
} as const;

/** The counts of an import, without those that are zero. */
export function ImportCounts({ counts }: { counts: Readonly<Record<keyof typeof NAMES, number>> }) {
  const shown = (Object.keys(NAMES) as (keyof typeof NAMES)[]).filter((name) => counts[name] > 0);
  return (
    <ul className="counts">
      {shown.map((name) => (
        <li key={name} data-tone={name === 'quarantined' || name === 'warnings' ? 'warn' : undefined}>
          <b>{counts[name].toLocaleString('en')}</b> {NAMES[name]}
        </li>
      ))}
      {shown.length === 0 && <li>No row</li>}
    </ul>
  );
}
