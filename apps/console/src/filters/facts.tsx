import type { ReactNode } from 'react';
import { detailOf, Empty } from '../ui/index.js';

/** Names and values of one thing. False entries are left out, so that a condition can stand in the list. */
export function Facts({ facts }: { facts: readonly (readonly [name: string, value: ReactNode] | false)[] }) {
  return (
    <dl className="facts">
      {facts.map(
        (fact) =>
          fact && (
            <div key={fact[0]} className="fact">
              <dt>{fact[0]}</dt>
              <dd>{fact[1]}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

/** JSON for reading and copying. */
export function JsonBlock({ label, value }: { label: string; value: unknown }) {
  return (
    <pre className="json-block" tabIndex={0} aria-label={label} role="region">
      {typeof value === 'string' ? value : JSON.stringify(value, undefined, 2)}
    </pre>
  );
}

/** In place of a thing that cannot be shown: why, and what to do. */
export function NotShown({ problem, next }: { problem: Error; next: ReactNode }) {
  return <Empty title={detailOf(problem)} next={next} />;
}
