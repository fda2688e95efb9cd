import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { FeedSourceEntity } from '../sources/feed-source.entity.js';

/** The claim of one item of a source. The process that inserted it recorded the event. */
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

  /** 16 bytes of SHA-256 of the content that makes another version. */
  @Column('bytea')
  digest!: Buffer;

  /** The first event of the item. */
  @Column('uuid', { nullable: true })
  eventId!: string | null;

  @Column('text', { nullable: true })
  title!: string | null;

  @Column('integer', { default: 0 })
  revision!: number;

  @Column('timestamptz', { default: () => 'now()' })
  firstSeenAt!: Date;

  /** Exact to a day. A claim is kept while the feed contains the item. */
  @Column('timestamptz', { default: () => 'now()' })
  lastSeenAt!: Date;
}
