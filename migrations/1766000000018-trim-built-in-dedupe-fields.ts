import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The dedupe fields that each type of operator event has, of those that every built-in rule used to list. */
const FIELDS_BY_TYPE = `(VALUES
  ('AlertUnformattable', ARRAY['payload.endpointId', 'payload.ruleId']),
  ('BreakerClosed', ARRAY['payload.name']),
  ('BreakerHalfOpen', ARRAY['payload.name']),
  ('BreakerOpened', ARRAY['payload.name']),
  ('DeliveryDeadLettered', ARRAY['payload.endpointId']),
  ('FeedFailing', ARRAY['payload.since', 'payload.sourceId']),
  ('FeedRecovered', ARRAY['payload.since', 'payload.sourceId']),
  ('FeedWentEmpty', ARRAY['payload.since', 'payload.sourceId']),
  ('FeedWentStale', ARRAY['payload.since', 'payload.sourceId']),
  ('FilingsBudgetExhausted', ARRAY['payload.month']),
  ('WebhookDegraded', ARRAY['payload.endpointId', 'payload.since']),
  ('WebhookDisabled', ARRAY['payload.endpointId', 'payload.since']),
  ('WebhookProbed', ARRAY['payload.endpointId']),
  ('WebhookRecovered', ARRAY['payload.endpointId', 'payload.since'])
) AS g (type, fields)`;
const ALL_FIELDS = `ARRAY['payload.endpointId', 'payload.since', 'payload.sourceId', 'payload.ruleId', 'payload.name', 'payload.month']`;

/** Built-in rules name only dedupe fields that their type has. A list that the operators changed stays. */
export class TrimBuiltInDedupeFields1766000000018 implements MigrationInterface {
  readonly name = 'TrimBuiltInDedupeFields1766000000018';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      UPDATE alert_rules r SET dedupe_by = g.fields FROM ${FIELDS_BY_TYPE}
      WHERE r.built_in = g.type AND r.dedupe_by = ${ALL_FIELDS}
    `);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      UPDATE alert_rules r SET dedupe_by = ${ALL_FIELDS} FROM ${FIELDS_BY_TYPE}
      WHERE r.built_in = g.type AND r.dedupe_by = g.fields
    `);
  }
}
