import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { FeedSourceEntity } from '../sources/feed-source.entity.js';

/** The claim of one item of a source: whoever inserted it made the event. */
@Entity('feed_seen_items')
@Index('idx_feed_seen_items_age', ['sourceId', 'lastSeenAt'])
export class FeedSeenItemEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_feed_seen_items' })
  sourceId!: string;

  @ManyToOne(() => FeedSourceEntity, { onDelete: 'CASCADE', nullable: false })
  @JoinColumn({ name: 'source_id', foreignKeyConstraintName: 'fk_feed_seen_items_source' })
  source?: FeedSourceEntity;

  /** 16 bytes of SHA-256 of the item's identity. */
  @PrimaryColumn('bytea', { primaryKeyConstraintName: 'pk_feed_seen_items' })
  itemKey!: Buffer;

  /** 16 bytes of SHA-256 of what makes another version of it. */
  @Column('bytea')
  digest!: Buffer;

  /** The first event that told of it. */
  @Column('uuid', { nullable: true })
  eventId!: string | null;

  @Column('text', { nullable: true })
  title!: string | null;

  @Column('integer', { default: 0 })
  revision!: number;

  @Column('timestamptz', { default: () => 'now()' })
  firstSeenAt!: Date;

  /** Exact to a day: kept so that a claim is not forgotten while the feed still shows the item. */
  @Column('timestamptz', { default: () => 'now()' })
  lastSeenAt!: Date;
}
