import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useSyncExternalStore } from 'react';
import type { Live, LiveStatus } from '@deskwire/client';
import { useLiveStatus } from '@deskwire/client/react';
import { Badge, Icon, Time, type Tone } from '../ui/index.js';

const online = {
  subscribe(listener: () => void): () => void {
    addEventListener('online', listener);
    addEventListener('offline', listener);
    return () => {
      removeEventListener('online', listener);
      removeEventListener('offline', listener);
    };
  },
  now: () => navigator.onLine,
};

const SHOWN: Record<LiveStatus, { text: string; tone: Tone }> = {
  connecting: { text: 'Connecting', tone: 'plain' },
  live: { text: 'Live', tone: 'good' },
  reconnecting: { text: 'Reconnecting', tone: 'warn' },
  stale: { text: 'Stale', tone: 'bad' },
  conflated: { text: 'Live, conflated', tone: 'info' },
  'signed-out': { text: 'Signed out', tone: 'bad' },
  refused: { text: 'Refused', tone: 'bad' },
};

/** The state of the connection in a word. */
export function ConnectionBadge({ live }: { live: Live<never> }) {
  const status = useLiveStatus(live);
  const { text, tone } = SHOWN[status];
  return (
    <span role="status" className="connection" data-status={status}>
      <Badge tone={tone}>{text}</Badge>
    </span>
  );
}

/** Says what a broken connection means for the page, as long as it lasts. Afterwards all lists are read again. */
export function ConnectionBanner({ live }: { live: Live<never> }) {
  const status = useLiveStatus(live);
  const connected = useSyncExternalStore(online.subscribe, online.now);
  const queries = useQueryClient();
  const broken = !connected || status === 'reconnecting' || status === 'stale';
  const wasBroken = useRef(false);
  useEffect(() => {
    if (status !== 'live') wasBroken.current ||= broken;
    else if (wasBroken.current) {
      wasBroken.current = false;
      void queries.invalidateQueries();
    }
  }, [status, broken, queries]);
  if (!broken) return null;
  const asOf = live.current.snapshot?.asOf;
  return (
    <div className="banner" role="alert" data-tone={status === 'stale' ? 'bad' : 'warn'}>
      <Icon name="warning" />
      <p>
        <strong>{titleOf(connected, status)}</strong>{' '}
        {asOf && (
          <>
            The page shows the last values, as of <Time value={asOf} />.{' '}
          </>
        )}
        It recovers by itself, and what you type is kept.
      </p>
    </div>
  );
}

function titleOf(connected: boolean, status: LiveStatus): string {
  if (!connected) return 'This computer is offline.';
  return status === 'stale'
    ? 'The database of the desk does not answer.'
    : 'The connection to the desk is broken. Reconnecting…';
}
