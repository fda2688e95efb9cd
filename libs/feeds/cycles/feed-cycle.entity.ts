import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import type { CycleOutcome, ItemWarning } from '../sources/feed-source.js';
import { FeedSourceEntity } from '../sources/feed-source.entity.js';

/** One poll of a source: its result and the duration of each stage. */
@Entity('feed_cycles')
@Index('idx_feed_cycles_source', ['sourceId', 'id'])
@Check('ck_feed_cycles_outcome', `outcome IN ('fresh', 'empty', 'unchanged', 'failed')`)
export class FeedCycleEntity {
  @PrimaryColumn('uuid', { default: () => 'uuidv7()', primaryKeyConstraintName: 'pk_feed_cycles' })
  id!: string;

  @Column('uuid')
  sourceId!: string;

  @ManyToOne(() => FeedSourceEntity, { onDelete: 'CASCADE', nullable: false })
  @JoinColumn({ name: 'source_id', foreignKeyConstraintName: 'fk_feed_cycles_source' })
  source?: FeedSourceEntity;

  @Column('timestamptz')
  startedAt!: Date;

  @Column('timestamptz', { default: () => 'now()' })
  finishedAt!: Date;

  @Column('text')
  outcome!: CycleOutcome;

  @Column('integer', { nullable: true })
  httpStatus!: number | null;

  @Column('integer', { default: 0 })
  bytes!: number;

  @Column('integer', { default: 0 })
  entries!: number;

  @Column('integer', { default: 0 })
  fresh!: number;

  /** New items that the feed held before it was added, recorded without an alert. */
  @Column('integer', { default: 0 })
  unalerted!: number;

  @Column('integer', { default: 0 })
  revised!: number;

  @Column('integer', { default: 0 })
  seen!: number;

  /** Entries that gave no item. The first of them are in the warnings. */
  @Column('integer', { default: 0 })
  unreadable!: number;

  @Column('jsonb', { default: [] })
  warnings!: ItemWarning[];

  @Column('text', { nullable: true })
  error!: string | null;

  @Column('integer', { default: 0 })
  fetchMs!: number;

  @Column('integer', { default: 0 })
  parseMs!: number;

  @Column('integer', { default: 0 })
  recordMs!: number;

  @Column('text', { nullable: true })
  correlationId!: string | null;
}
