import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Mappings that operators store, the mapping by which each contract was last imported (delisting compares within it), and
 * the rows of an import that the filters of its mapping left out.
 */
export class StoreInstrumentMappings1766006200000 implements MigrationInterface {
  readonly name = 'StoreInstrumentMappings1766006200000';
  readonly accepted = {
    'constraint-missing-not-valid':
      'An import keeps a row for each contract that it changed, some hundreds a day, so the scan takes less than a second.',
  };

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE instrument_mappings (
        broker     text        NOT NULL,
        name       text        NOT NULL,
        mapping    jsonb       NOT NULL,
        changed_by uuid        NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_instrument_mappings PRIMARY KEY (broker, name)
      )`);
    await queryRunner.query(`ALTER TABLE instruments ADD COLUMN master text`);
    await queryRunner.query(`ALTER TABLE instrument_imports ADD COLUMN filtered integer NOT NULL DEFAULT 0`);
    await queryRunner.query(`
      ALTER TABLE instrument_import_changes
        DROP CONSTRAINT ck_instrument_import_changes_action,
        ADD CONSTRAINT ck_instrument_import_changes_action CHECK (action IN ('update', 'relist', 'delist', 'adopt'))`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DELETE FROM instrument_import_changes WHERE action = 'adopt'`);
    await queryRunner.query(`
      ALTER TABLE instrument_import_changes
        DROP CONSTRAINT ck_instrument_import_changes_action,
        ADD CONSTRAINT ck_instrument_import_changes_action CHECK (action IN ('update', 'relist', 'delist'))`);
    await queryRunner.query(`ALTER TABLE instrument_imports DROP COLUMN filtered`);
    await queryRunner.query(`ALTER TABLE instruments DROP COLUMN master`);
    await queryRunner.query(`DROP TABLE instrument_mappings`);
  }
}
