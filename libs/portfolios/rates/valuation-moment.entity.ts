import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/** The desk's moment, one row: the time at which all nodes value portfolios. */
@Entity('valuation_moments')
@Check('ck_valuation_moments_singleton', 'singleton')
export class ValuationMomentEntity {
  @PrimaryColumn('boolean', { default: true, primaryKeyConstraintName: 'pk_valuation_moments' })
  singleton!: boolean;

  @Column('timestamptz')
  moment!: Date;
}
