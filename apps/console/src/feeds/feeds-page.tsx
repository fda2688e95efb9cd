import { useLive, usePanel } from '@deskwire/client/react';
import { useMemo } from 'react';
import { ChoiceFilter, FilterBar, TextFilter } from '../filters/filter-bar.js';
import { useFilters } from '../filters/use-filters.js';
import {
  Badge,
  Button,
  type Column,
  CsvLink,
  DataTable,
  Empty,
  Page,
  Time,
  useCan,
  useList,
  useUrlForm,
  useUrlState,
} from '../ui/index.js';
import { percentText } from '../parts/percent.js';
import { FeedDetail } from './feed-detail.js';
import { FeedDialog } from './feed-dialog.js';
import { type Feed, type FeedRow, STATE_TONES, stateOf } from './feed-words.js';
import '../parts/parts.css';
import './feeds.css';

const STATES = ['live', 'quiet', 'stale', 'failing'];

/** Sources that the desk polls: whether each is current, and why not. */
export default function FeedsPage() {
  const operates = useCan('operator');
  const filters = useFilters(['find', 'state']);
  const { one, set } = filters;
  const [chosen, setChosen] = useUrlState('feed', '');
  const [adding, add] = useUrlForm('add');
  const live = useLive({ feeds: { limit: 1_000 } });
  const panel = usePanel(live, 'feeds');
  // The panel moves with each cycle; figures and cycles of a feed are read again on its page.
  const figures = useList('/v1/feeds').rows;
  const columns = useMemo(() => columnsOf(new Map(figures.map((feed) => [feed.id, feed.statistics]))), [figures]);
  const all = panel?.order.map((id) => panel.rows[id]!) ?? [];
  const words = one.find.toLowerCase().split(/\s+/).filter(Boolean);
  const rows = all.filter(
    (feed) =>
      (one.state === '' || (feed.enabled && feed.state === one.state)) &&
      words.every((word) => `${feed.name} ${feed.kind}`.toLowerCase().includes(word)),
  );
  const states = STATES.map((value) => ({
    value,
    label: `${value} (${all.filter((feed) => feed.enabled && feed.state === value).length})`,
  }));
  const start = operates ? () => add(true) : undefined;
  return (
    <Page
      title="Feeds"
      about="News, filings, halts and prices"
      actions={
        <>
          <CsvLink
            name="feeds"
            path="/v1/feeds"
            query={{ query: one.find.trim(), state: one.state === '' ? '' : [one.state as FeedRow['state']] }}
          />
          {start && (
            <Button tone="accent" onClick={start}>
              Add a feed
            </Button>
          )}
        </>
      }
    >
      <FilterBar label="Filters of feeds" isFiltered={filters.isFiltered} onClear={filters.clear}>
        <TextFilter label="Find" value={one.find} placeholder="name or kind" onChange={(find) => set({ find })} />
        <ChoiceFilter
          label="State"
          value={one.state}
          any={`Any (${all.length})`}
          choices={states}
          onChange={(state) => set({ state })}
        />
      </FilterBar>
      <DataTable
        label="Feeds"
        columns={columns}
        rows={rows}
        rowKey={(row) => row.id}
        onRow={(row) => setChosen(row.id)}
        busy={panel === undefined}
        tone={(row) =>
          !row.enabled ? undefined : row.state === 'failing' ? 'bad' : row.state === 'stale' ? 'warn' : undefined
        }
        empty={
          all.length > 0 ? (
            <Empty title="No feed fits the filter" next="Clear the text or the state to see the others." />
          ) : (
            <Empty
              title="No feed yet"
              next={
                start ? (
                  <Button onClick={start}>Add a feed</Button>
                ) : (
                  'Ask an operator to add a source of news or prices.'
                )
              }
            />
          )
        }
      />
      {chosen !== '' && <FeedDetail key={chosen} id={chosen} mayChange={operates} onClose={() => setChosen('')} />}
      {adding && operates && <FeedDialog onClose={() => add(false)} onSaved={setChosen} />}
    </Page>
  );
}

/** With the figures beside the rows, so that a row is rendered again only when the panel changes it. */
const columnsOf = (figures: ReadonlyMap<string, Feed['statistics']>): readonly Column<FeedRow>[] => [
  { key: 'name', title: 'Feed', cell: (row) => <b>{row.name}</b> },
  {
    key: 'state',
    title: 'State',
    width: 90,
    mark: (row) => row.state,
    cell: (row) => <Badge tone={row.enabled ? STATE_TONES[row.state] : 'plain'}>{stateOf(row)}</Badge>,
  },
  { key: 'kind', title: 'Kind', width: 105, wide: true, cell: (row) => row.kind },
  {
    key: 'cycle',
    title: 'Last cycle',
    width: 246,
    wide: true,
    mark: (row) => row.lastCycleAt,
    cell: (row) => <Time value={row.lastCycleAt} />,
  },
  { key: 'outcome', title: 'Outcome', width: 95, wide: true, cell: (row) => row.lastOutcome },
  { key: 'item', title: 'Last item', width: 246, wide: true, cell: (row) => <Time value={row.lastItemAt} /> },
  {
    key: 'hits',
    title: 'Hit rate',
    width: 80,
    align: 'end',
    wide: true,
    cell: ({ id }) => percentText(figures.get(id)?.hitRate ?? null),
  },
  {
    key: 'headroom',
    title: 'Headroom',
    width: 90,
    align: 'end',
    wide: true,
    cell: ({ id }) => {
      const headroom = figures.get(id)?.headroom ?? null;
      const text = percentText(headroom);
      return headroom !== null && headroom < 0.2 ? <Badge tone={headroom < 0 ? 'bad' : 'warn'}>{text}</Badge> : text;
    },
  },
  {
    key: 'error',
    title: 'Error',
    width: 220,
    wide: true,
    cell: (row) =>
      row.consecutiveFailures > 0 && (
        <span title={row.lastError ?? ''}>
          {row.consecutiveFailures} in a row: {row.lastError}
        </span>
      ),
  },
];
