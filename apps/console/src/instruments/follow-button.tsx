import { Button, useAct } from '../ui/index.js';
import { useDesk, useLive, usePanel } from '@deskwire/client/react';
import { createContext, type ReactNode, use, useMemo } from 'react';

const Followed = createContext<ReadonlySet<string> | undefined>(undefined);

/** Which contracts the person follows, live: one subscription for all buttons below it. */
export function FollowedProvider({ children }: { children: ReactNode }) {
  const live = useLive({ instruments: {} });
  const watchlist = usePanel(live, 'instruments', (panel) => panel.watchlist);
  const ids = useMemo(() => watchlist && new Set(watchlist.map(({ instrumentId }) => instrumentId)), [watchlist]);
  return <Followed value={ids}>{children}</Followed>;
}

/** Follows a contract, or stops. */
export function FollowButton({ id, symbol }: { id: string; symbol: string }) {
  const desk = useDesk();
  const followed = use(Followed);
  const params = { instrumentId: id };
  const follow = useAct(() => desk.put('/v1/watchlist/{instrumentId}', { params }), {
    done: `You follow ${symbol}.`,
    undo: () => desk.delete('/v1/watchlist/{instrumentId}', { params }),
  });
  const unfollow = useAct(() => desk.delete('/v1/watchlist/{instrumentId}', { params }), {
    done: `You no longer follow ${symbol}.`,
    undo: () => desk.put('/v1/watchlist/{instrumentId}', { params }),
  });
  if (followed === undefined) return null;
  const follows = followed.has(id);
  const act = follows ? unfollow : follow;
  return (
    <Button
      className="follow"
      aria-pressed={follows}
      aria-label={follows ? `Stop following ${symbol}` : `Follow ${symbol}`}
      busy={act.isPending}
      onClick={() => act.mutate()}
    >
      {follows ? 'Following' : 'Follow'}
    </Button>
  );
}

/** Follows all chosen contracts at once. */
export function FollowChosen({ ids, onDone }: { ids: string[]; onDone: () => void }) {
  const desk = useDesk();
  const change = useAct(() => desk.post('/v1/watchlist', { body: { follow: ids } }), {
    done: ({ followed }) => `You follow ${followed} more contracts.`,
    undo: () => desk.post('/v1/watchlist', { body: { unfollow: ids } }),
    then: onDone,
  });
  return (
    <Button busy={change.isPending} onClick={() => change.mutate()}>
      Follow {ids.length} contracts
    </Button>
  );
}
