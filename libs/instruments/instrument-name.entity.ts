import { Entity, Index, PrimaryColumn } from 'typeorm';

/** Every name once: what trigram search looks through (230 names stand for 35,000 derivatives). */
@Entity('instrument_names')
@Index('idx_instrument_names_trigram', { synchronize: false })
export class InstrumentNameEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_instrument_names' })
  name!: string;
}
