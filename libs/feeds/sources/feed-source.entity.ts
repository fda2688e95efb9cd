import { Check, Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';
import type { FeedCondition, FeedState } from './feed-state.js';
import type { FeedKind, SourceSettings } from './feed-source.js';

/** Where something comes from, how it is asked, and how it has been doing. */
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

  /** Whose hours it keeps; null: it is expected to speak at any time. */
  @Column('text', { nullable: true })
  venue!: string | null;

  @Column('integer')
  cadenceMs!: number;

  /** Silence longer than this, in market time, is stale. */
  @Column('integer', { nullable: true })
  expectedEveryMs!: number | null;

  /** Empty cycles in a row that are told; null: ALERT_CONSECUTIVE_EMPTY_CYCLES; 0: never. */
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

  /** What operators were told of and has not recovered yet. */
  @Column('text', { array: true, default: () => `'{}'` })
  raised!: FeedCondition[];

  @Column('text', { nullable: true })
  etag!: string | null;

  @Column('text', { nullable: true })
  lastModified!: string | null;

  /** Of what came last: the same bytes again need no parsing, also from servers that know no ETag. */
  @Column('text', { nullable: true })
  bodyDigest!: string | null;

  @Column('integer', { default: 0 })
  consecutiveEmpty!: number;

  @Column('integer', { default: 0 })
  consecutiveFailures!: number;

  /** Cycles begun and not ended since the last that ended: what a process that dies in them leaves behind. */
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

  @Column('timestamptz', { nullable: true })
  leaseUntil!: Date | null;

  @Column('uuid', { nullable: true })
  leaseOwner!: string | null;

  @Column('timestamptz', { default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz', { default: () => 'now()' })
  updatedAt!: Date;
}
