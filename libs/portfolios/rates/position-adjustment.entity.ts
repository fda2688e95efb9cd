import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/** A split of a contract: from `exDate` on, one unit of before is `factor` units. */
@Entity('position_adjustments')
@Check('ck_position_adjustments_factor', 'factor > 0')
export class PositionAdjustmentEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_position_adjustments' })
  broker!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_position_adjustments' })
  instrumentKey!: string;

  @PrimaryColumn('date', { primaryKeyConstraintName: 'pk_position_adjustments' })
  exDate!: string;

  @Column('numeric')
  factor!: string;

  /** The operator's id. Not a foreign key: the adjustment outlives the account. */
  @Column('uuid')
  createdBy!: string;

  @Column('timestamptz', { default: () => 'now()' })
  createdAt!: Date;
}
