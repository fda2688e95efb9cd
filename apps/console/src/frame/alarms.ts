import { useEffect, useRef } from 'react';
import type { Live, PanelRow } from '@deskwire/client';
import { usePanel } from '@deskwire/client/react';
import { usePreferences } from '../ui/preferences.js';

type AlertRow = PanelRow<'alerts'>;

/** What the frame watches on every page. With the parameters of the page Desk, so that both share one connection. */
export const FRAME_PANELS = { alerts: { limit: 100 }, system: {} } as const;

/** Number of unacknowledged critical alerts. New ones are told by notification and sound, as the person has chosen. */
export function useAlarms(live: Live<'alerts'>): number {
  const panel = usePanel(live, 'alerts');
  const { notify, sound } = usePreferences();
  const known = useRef<Set<string>>(undefined);
  useEffect(() => {
    if (panel === undefined) return;
    // Those that were there before are no news.
    const critical = Object.values(panel.rows).filter(
      (row) => row.severity === 'critical' && row.acknowledgedAt === null,
    );
    const fresh = known.current === undefined ? [] : critical.filter(({ id }) => !known.current!.has(id));
    known.current = new Set(critical.map(({ id }) => id));
    if (fresh.length === 0) return;
    if (sound) playAlarm();
    if (notify) showNotification(fresh);
  }, [panel, notify, sound]);
  return panel?.unacknowledged.critical ?? 0;
}

function showNotification(alerts: readonly AlertRow[]): void {
  if (globalThis.Notification?.permission !== 'granted') return;
  const [first] = alerts;
  const shown = new Notification(alerts.length === 1 ? first!.title : `${alerts.length} critical alerts`, {
    body: alerts.length === 1 ? first!.ruleName : alerts.map(({ title }) => title).join('\n'),
    tag: 'deskwire-critical',
  });
  shown.onclick = () => focus();
}

let audio: AudioContext | undefined;

/** Two short tones, made by the browser: no file is loaded. */
export function playAlarm(): void {
  audio ??= new AudioContext();
  for (const [after, pitch] of [
    [0, 880],
    [0.18, 660],
  ] as const) {
    const [tone, gain] = [audio.createOscillator(), audio.createGain()];
    const begin = audio.currentTime + after;
    tone.frequency.value = pitch;
    gain.gain.setValueAtTime(0.0001, begin);
    gain.gain.exponentialRampToValueAtTime(0.15, begin + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.0001, begin + 0.16);
    tone.connect(gain).connect(audio.destination);
    tone.start(begin);
    tone.stop(begin + 0.17);
  }
}
