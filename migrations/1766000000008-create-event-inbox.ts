import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Events recorded by a SQL statement, or in a process without listeners, until the listeners have handled them. Rows
 * live for milliseconds, so vacuum runs early to keep the head of the index short.
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
