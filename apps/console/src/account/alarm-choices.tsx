import { useState } from 'react';
import { playAlarm } from '../frame/alarms.js';
import { Button, Checkbox, Sheet } from '../ui/index.js';
import { changePreferences, usePreferences } from '../ui/preferences.js';

/** How the browser tells of a new critical alert. Nothing is on before the person chooses it. */
export function Alarms() {
  const { notify, sound } = usePreferences();
  const [refused, setRefused] = useState(false);
  const change = async (wanted: boolean) => {
    const permission = wanted ? await Notification.requestPermission() : 'granted';
    setRefused(permission !== 'granted');
    changePreferences({ notify: wanted && permission === 'granted' });
  };
  return (
    <Sheet title="Critical alerts">
      <div className="account-form">
        <Checkbox label="Show a desktop notification" checked={notify} onChange={(wanted) => void change(wanted)} />
        {refused && (
          <p className="field-error" role="alert">
            The browser refuses notifications of this site. Allow them in its settings, and choose again.
          </p>
        )}
        <Checkbox label="Play a sound" checked={sound} onChange={(wanted) => changePreferences({ sound: wanted })} />
        <Button onClick={playAlarm}>Play the sound once</Button>
        <p className="field-hint">
          For each new critical alert that nobody has acknowledged, while this console is open.
        </p>
      </div>
    </Sheet>
  );
}
