import { AlertDedupeWindowEntity, AlertEntity, AlertRuleEntity } from '#alerts';
import { ApiKeyEntity, AuthSessionEntity, RefreshTokenEntity, UserEntity } from '#auth';
import { AlertDeliveryEntity, DeliveryAttemptEntity, DeliveryLaneEntity, DeliveryLaneWindowEntity } from '#deliveries';
import { HostTurnEntity } from '#egress';
import { EventInboxEntity, TradingEventEntity } from '#events';
import { FeedCycleEntity, FeedSeenItemEntity, FeedSourceEntity } from '#feeds';
import { FilingBudgetMonthEntity, FilingEntity, FilingSummaryCallEntity, FilingSummaryEntity } from '#filings';
import { IdempotencyKeyEntity } from '#idempotency';
import {
  InstrumentEntity,
  InstrumentImportIssueEntity,
  InstrumentNameEntity,
  InstrumentRegistryEntity,
  InstrumentReleaseChangeEntity,
  InstrumentReleaseEntity,
} from '#instruments';
import { LatestQuoteEntity, PortfolioHistoryPointEntity, PortfolioSnapshotEntity } from '#portfolios';
import { TradingSessionEntity } from '#sessions';
import { WebhookEndpointEntity, WebhookHealthMetricEntity, WebhookSecretEntity } from '#webhooks';

/** Every entity; `deskwire migrate check` compares them with the schema. */
export const entities = [
  AlertDedupeWindowEntity,
  AlertDeliveryEntity,
  AlertEntity,
  AlertRuleEntity,
  ApiKeyEntity,
  AuthSessionEntity,
  DeliveryAttemptEntity,
  DeliveryLaneEntity,
  DeliveryLaneWindowEntity,
  EventInboxEntity,
  FeedCycleEntity,
  FeedSeenItemEntity,
  FeedSourceEntity,
  FilingBudgetMonthEntity,
  FilingEntity,
  FilingSummaryCallEntity,
  FilingSummaryEntity,
  HostTurnEntity,
  IdempotencyKeyEntity,
  InstrumentEntity,
  InstrumentImportIssueEntity,
  InstrumentNameEntity,
  InstrumentRegistryEntity,
  InstrumentReleaseChangeEntity,
  InstrumentReleaseEntity,
  LatestQuoteEntity,
  PortfolioHistoryPointEntity,
  PortfolioSnapshotEntity,
  RefreshTokenEntity,
  TradingEventEntity,
  TradingSessionEntity,
  UserEntity,
  WebhookEndpointEntity,
  WebhookHealthMetricEntity,
  WebhookSecretEntity,
];
