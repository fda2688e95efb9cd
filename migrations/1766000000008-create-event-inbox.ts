import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Events that were recorded by a statement of SQL, or in a process where nobody listens, until those who listen have
 * heard them. Rows live for milliseconds: vacuum comes early, so that the head of the index stays short.
 */
export class CreateEventInbox1766000000008 implements MigrationInterface {
  name = 'CreateEventInbox1766000000008';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE event_inbox (
        event_id uuid NOT NULL,
        attempts integer NOT NULL DEFAULT 0,
        not_before timestamptz,
        CONSTRAINT pk_event_inbox PRIMARY KEY (event_id)
      ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE event_inbox`);
  }
}
