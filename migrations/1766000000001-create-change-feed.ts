import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Its xid8 column is no type TypeORM knows, so it has no entity; only #changes and the writers' statements touch it. */
export class CreateChangeFeed1766000000001 implements MigrationInterface {
  name = 'CreateChangeFeed1766000000001';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE change_feed (
        position bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_change_feed PRIMARY KEY,
        xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
        topic text NOT NULL,
        key text NOT NULL,
        at timestamptz NOT NULL DEFAULT clock_timestamp()
      )`);
    await queryRunner.query('CREATE INDEX idx_change_feed_xid ON change_feed (xid)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE change_feed');
  }
}
