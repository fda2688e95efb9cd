import { useDesk, useLive, usePanel } from '@deskwire/client/react';
import { useQuery } from '@tanstack/react-query';
import {
  Badge,
  Button,
  Drawer,
  durationText,
  detailOf,
  Empty,
  Time,
  useAct,
  useConfirm,
  useUrlForm,
} from '../ui/index.js';
import { useKept } from '../parts/use-kept.js';
import { percentText } from '../parts/percent.js';
import { FeedCycles } from './feed-cycles.js';
import { FeedDialog } from './feed-dialog.js';
import { STATE_TONES, stateOf } from './feed-words.js';

interface FeedDetailProps {
  id: string;
  mayChange: boolean;
  onClose: () => void;
}

/** One feed: its state, figures, settings and last cycles. Read again with each cycle. */
export function FeedDetail({ id, mayChange, onClose }: FeedDetailProps) {
  const desk = useDesk();
  const confirm = useConfirm();
  const [editing, edit] = useUrlForm('edit');
  const live = useLive({ feeds: { limit: 1_000 } });
  // A feed that is removed leaves the panel before its page closes, and must not be read again.
  const moved = useKept(usePanel(live, 'feeds', (panel) => panel.rows[id]));
  const params = { id };
  const remove = useAct(() => desk.delete('/v1/feeds/{id}', { params }), {
    done: 'The feed is removed.',
    then: onClose,
  });
  const found = useQuery({
    queryKey: ['/v1/feeds/{id}', id, moved?.lastCycleAt, moved?.enabled],
    queryFn: () => desk.get('/v1/feeds/{id}', { params: { id } }),
    placeholderData: (before) => before,
    // A cycle may end while the feed is removed.
    enabled: remove.isIdle || remove.isError,
  });
  const run = useAct(() => desk.post('/v1/feeds/{id}/run', { params }), {
    done: 'The feed is polled within a second.',
  });
  const enable = useAct((enabled: boolean) => desk.patch('/v1/feeds/{id}', { params, body: { enabled } }), {
    done: (_, enabled) => (enabled ? 'The feed is polled again.' : 'The feed is paused.'),
    undo: (enabled) => desk.patch('/v1/feeds/{id}', { params, body: { enabled: !enabled } }),
  });
  const feed = found.data;
  const askToRemove = async () => {
    const body =
      'Its cycles and what it knows of seen items are removed. Its events stay. If you add it again, its items are new.';
    if (await confirm({ title: `Remove the feed ${feed!.name}?`, body, act: 'Remove it' })) remove.mutate();
  };
  return (
    <Drawer
      wide
      title={feed?.name ?? 'Feed'}
      onClose={onClose}
      footer={
        mayChange &&
        feed && (
          <>
            <Button tone="bad" icon="close" busy={remove.isPending} onClick={() => void askToRemove()}>
              Remove
            </Button>
            <Button onClick={() => edit(true)}>Edit</Button>
            <Button
              icon={feed.enabled ? 'pause' : 'play'}
              busy={enable.isPending}
              onClick={() => enable.mutate(!feed.enabled)}
            >
              {feed.enabled ? 'Pause' : 'Resume'}
            </Button>
            {feed.enabled && (
              <Button tone="accent" icon="refresh" busy={run.isPending} onClick={() => run.mutate()}>
                Run now
              </Button>
            )}
          </>
        )
      }
    >
      {found.error && !feed && <Empty title="This feed cannot be shown" next={detailOf(found.error)} />}
      {feed && (
        <>
          <p className="aside">
            <Badge tone={feed.enabled ? STATE_TONES[feed.state] : 'plain'}>{stateOf(feed)}</Badge>
            {feed.raised.map((condition) => (
              <Badge key={condition} tone="bad">
                operators were notified: {condition}
              </Badge>
            ))}
            {feed.goneAt !== null && (
              <Badge tone="bad">
                gone since <Time value={feed.goneAt} />
              </Badge>
            )}
          </p>
          {feed.lastError !== null && feed.consecutiveFailures > 0 && (
            <p className="cycle-error">
              {feed.consecutiveFailures} failures in a row. The last: {feed.lastError}
            </p>
          )}
          <dl className="facts">
            <dt>Hit rate</dt>
            <dd>{percentText(feed.statistics?.hitRate ?? null)} of the entries were known</dd>
            <dt>Unchanged</dt>
            <dd>{percentText(feed.statistics?.unchangedRate ?? null)} of the cycles</dd>
            <dt>Headroom</dt>
            <dd>
              {feed.statistics && feed.statistics.headroom < 0 ? (
                <Badge tone="bad">{percentText(feed.statistics.headroom)}: it cannot keep its cadence</Badge>
              ) : (
                `${percentText(feed.statistics?.headroom ?? null)} of the cadence`
              )}
            </dd>
            <dt>Failed</dt>
            <dd>
              {feed.statistics
                ? `${feed.statistics.failed} of the last ${feed.statistics.cycles} cycles`
                : 'no cycle yet'}
            </dd>
            <dt>Last success</dt>
            <dd>
              <Time value={feed.lastSuccessAt} />
            </dd>
            <dt>Last new item</dt>
            <dd>
              <Time value={feed.lastItemAt} />
            </dd>
            <dt>Next cycle</dt>
            <dd>{feed.enabled ? <Time value={feed.nextRunAt} /> : 'none while it is paused'}</dd>
            <dt>Address</dt>
            <dd>{feed.movedTo === null ? feed.url : `${feed.url}, moved to ${feed.movedTo}`}</dd>
            <dt>Kind</dt>
            <dd>
              {feed.kind}, every {durationText(feed.cadenceMs)}
              {feed.venue === null ? '' : `, in the hours of ${feed.venue}`}
            </dd>
          </dl>
          <FeedCycles id={id} cadenceMs={feed.cadenceMs} newest={moved?.lastCycleAt} />
        </>
      )}
      {editing && mayChange && feed && <FeedDialog feed={feed} onClose={() => edit(false)} />}
    </Drawer>
  );
}
