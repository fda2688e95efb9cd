import { useRoutes } from '../routes.js';
import { Dialog } from '../ui/index.js';
import { KEYS } from './shortcuts.js';

export function KeyboardHelp({ onClose }: { onClose: () => void }) {
  const routes = useRoutes();
  return (
    <Dialog title="Keyboard" onClose={onClose} wide>
      <div className="keys">
        <KeyList title="Everywhere" keys={KEYS} />
        <KeyList title="Pages" keys={routes.map(({ key, title }) => [`g ${key}`, title])} />
      </div>
    </Dialog>
  );
}

function KeyList({ title, keys }: { title: string; keys: readonly (readonly [string, string])[] }) {
  return (
    <section>
      <h3>{title}</h3>
      <dl className="facts">
        {keys.map(([key, meaning]) => (
          <div key={key} className="key">
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
