import { Check, Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';
import type { FeedCondition, FeedState } from './feed-state.js';
import type { FeedKind, SourceSettings } from './feed-source.js';

/** A source: its URL, its settings and its state. */
@Entity('feed_sources')
@Unique('uq_feed_sources_name', ['name'])
@Index('idx_feed_sources_due', ['nextRunAt'], { where: 'enabled' })
@Check('ck_feed_sources_kind', `kind IN ('rss', 'atom', 'json-feed', 'edgar', 'quotes-csv', 'quotes-json')`)
@Check('ck_feed_sources_state', `state IN ('live', 'quiet', 'stale', 'failing')`)
export class FeedSourceEntity {
  @PrimaryColumn('uuid', { default: () => 'uuidv7()', primaryKeyConstraintName: 'pk_feed_sources' })
  id!: string;

  @Column('text')
  name!: string;

  @Column('text')
  kind!: FeedKind;

  @Column('text')
  url!: string;

  /** Venue whose trading hours apply. Null: items are expected at any time. */
  @Column('text', { nullable: true })
  venue!: string | null;

  /** Time zone of times without one. Null: that of the venue, else UTC. */
  @Column('text', { nullable: true })
  timeZone!: string | null;

  /** Number of items that alert although the feed held them before it was added. */
  @Column('integer', { default: 0 })
  alertOnFirst!: number;

  @Column('integer')
  cadenceMs!: number;

  /** Silence in trading hours after which the source is stale. */
  @Column('integer', { nullable: true })
  expectedEveryMs!: number | null;

  /** Empty cycles in a row after which operators are notified. Null: ALERT_CONSECUTIVE_EMPTY_CYCLES. 0: never. */
  @Column('integer', { nullable: true })
  emptyLimit!: number | null;

  @Column('double precision')
  requestsPerSecond!: number;

  @Column('jsonb', { default: {} })
  headers!: Record<string, string>;

  @Column('jsonb', { default: {} })
  settings!: SourceSettings;

  @Column('boolean', { default: true })
  enabled!: boolean;

  @Column('boolean', { default: false })
  isDemo!: boolean;

  @Column('text', { default: 'quiet' })
  state!: FeedState;

  /** Conditions that operators were notified about and that have not recovered. */
  @Column('text', { array: true, default: () => `'{}'` })
  raised!: FeedCondition[];

  @Column('text', { nullable: true })
  etag!: string | null;

  @Column('text', { nullable: true })
  lastModified!: string | null;

  /** Hash of the last answer. The same bytes need no parsing, also from servers without ETag. */
  @Column('text', { nullable: true })
  bodyDigest!: string | null;

  @Column('integer', { default: 0 })
  consecutiveEmpty!: number;

  @Column('integer', { default: 0 })
  consecutiveFailures!: number;

  /** Cycles that began after the last ended one and have not ended themselves, because their process died. */
  @Column('integer', { default: 0 })
  unfinished!: number;

  @Column('timestamptz', { nullable: true })
  lastCycleAt!: Date | null;

  @Column('timestamptz', { nullable: true })
  lastSuccessAt!: Date | null;

  @Column('timestamptz', { nullable: true })
  lastBodyAt!: Date | null;

  @Column('timestamptz', { nullable: true })
  lastItemAt!: Date | null;

  @Column('text', { nullable: true })
  lastError!: string | null;

  @Column('timestamptz', { default: () => 'now()' })
  nextRunAt!: Date;

  /** URL to which the server has moved the feed for good. It is requested until `url` changes or it fails. */
  @Column('text', { nullable: true })
  movedTo!: string | null;

  /** When the server said that the feed no longer exists. It is not polled until it is changed or run. */
  @Column('timestamptz', { nullable: true })
  goneAt!: Date | null;

  /** When the feed was first read. Null: what it holds was there before it was added. */
  @Column('timestamptz', { nullable: true })
  firstReadAt!: Date | null;

  @Column('timestamptz', { nullable: true })
  leaseUntil!: Date | null;

  @Column('uuid', { nullable: true })
  leaseOwner!: string | null;

  @Column('timestamptz', { default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz', { default: () => 'now()' })
  updatedAt!: Date;
}
