import { Button } from '../ui/index.js';
import type { choicesOf, InstrumentFilter } from './facets.js';

const LABELS = { broker: 'Broker', exchange: 'Exchange', segment: 'Segment', type: 'Type', expiry: 'Expiry' } as const;

interface FacetBarProps {
  filter: InstrumentFilter;
  facets: ReturnType<typeof choicesOf>;
  /** Whether all contracts of the search were counted. */
  complete: boolean;
  onChange: (field: keyof InstrumentFilter, text: string) => void;
}

/** Chosen facets, each with a way to drop it, and the values of the contracts that match to choose from. */
export function FacetBar({ filter, facets, complete, onChange }: FacetBarProps) {
  const chosen = (['broker', 'exchange', 'segment', 'type'] as const).filter((facet) => filter[facet] !== '');
  if (chosen.length === 0 && facets.length === 0) return null;
  return (
    <div className="facets">
      {chosen.map((facet) => (
        <Button
          key={facet}
          className="facet-chosen"
          aria-label={`Drop ${LABELS[facet]} ${filter[facet]}`}
          icon="close"
          onClick={() => onChange(facet, '')}
        >
          {LABELS[facet]}: {filter[facet]}
        </Button>
      ))}
      {facets
        .filter(({ facet }) => facet === 'expiry' || filter[facet] === '')
        .map(({ facet, values }) => (
          <fieldset key={facet}>
            <legend>{LABELS[facet]}</legend>
            {values.map(({ value, count }) => (
              <Button
                key={value}
                onClick={() => {
                  if (facet !== 'expiry') return onChange(facet, value);
                  onChange('expiryFrom', value);
                  onChange('expiryTo', value);
                }}
              >
                {value} <small>{complete ? count.toLocaleString('en') : `${count.toLocaleString('en')}+`}</small>
              </Button>
            ))}
          </fieldset>
        ))}
    </div>
  );
}
