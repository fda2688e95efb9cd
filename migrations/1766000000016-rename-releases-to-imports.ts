import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Former name, present name, and the table that carries them. */
const CONSTRAINTS = [
  ['instrument_imports', 'pk_instrument_releases', 'pk_instrument_imports'],
  ['instrument_imports', 'uq_instrument_releases_broker_position', 'uq_instrument_imports_broker_position'],
  ['instrument_imports', 'ck_instrument_releases_kind', 'ck_instrument_imports_kind'],
  ['instrument_imports', 'fk_instrument_releases_created_by', 'fk_instrument_imports_created_by'],
  ['instrument_import_changes', 'pk_instrument_release_changes', 'pk_instrument_import_changes'],
  ['instrument_import_changes', 'ck_instrument_release_changes_action', 'ck_instrument_import_changes_action'],
  ['instrument_import_changes', 'fk_instrument_release_changes_release', 'fk_instrument_import_changes_import'],
  ['instrument_import_changes', 'fk_instrument_release_changes_instrument', 'fk_instrument_import_changes_instrument'],
  ['instrument_import_issues', 'fk_instrument_import_issues_release', 'fk_instrument_import_issues_import'],
] as const;

const INDEXES = [
  ['idx_instrument_release_changes_instrument', 'idx_instrument_import_changes_instrument'],
  ['idx_instrument_import_issues_release', 'idx_instrument_import_issues_import'],
] as const;

/** One word for one thing: a release of an instrument master becomes an import. Only names change. */
export class RenameReleasesToImports1766000000016 implements MigrationInterface {
  readonly accepted = {
    'renaming-table': 'The upgrade stops the processes of the earlier version first.',
    'renaming-column': 'The upgrade stops the processes of the earlier version first.',
  };

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE instrument_releases RENAME TO instrument_imports');
    await queryRunner.query('ALTER TABLE instrument_release_changes RENAME TO instrument_import_changes');
    await queryRunner.query('ALTER TABLE instrument_import_changes RENAME COLUMN release_id TO import_id');
    await queryRunner.query('ALTER TABLE instrument_import_issues RENAME COLUMN release_id TO import_id');
    for (const [table, from, to] of CONSTRAINTS) {
      await queryRunner.query(`ALTER TABLE ${table} RENAME CONSTRAINT ${from} TO ${to}`);
    }
    for (const [from, to] of INDEXES) await queryRunner.query(`ALTER INDEX ${from} RENAME TO ${to}`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const [from, to] of INDEXES) await queryRunner.query(`ALTER INDEX ${to} RENAME TO ${from}`);
    for (const [table, from, to] of CONSTRAINTS) {
      await queryRunner.query(`ALTER TABLE ${table} RENAME CONSTRAINT ${to} TO ${from}`);
    }
    await queryRunner.query('ALTER TABLE instrument_import_issues RENAME COLUMN import_id TO release_id');
    await queryRunner.query('ALTER TABLE instrument_import_changes RENAME COLUMN import_id TO release_id');
    await queryRunner.query('ALTER TABLE instrument_import_changes RENAME TO instrument_release_changes');
    await queryRunner.query('ALTER TABLE instrument_imports RENAME TO instrument_releases');
  }
}
