import {
  AlertDedupeWindowEntity,
  AlertEntity,
  AlertRuleEntity,
  AlertRuleOverrunEntity,
  AlertSilenceEntity,
} from '#alerts/entities';
import { AuditRecordEntity } from '#audit/entities';
import { ApiKeyEntity, LoginEntity, RefreshTokenEntity, UserEntity } from '#auth/entities';
import {
  AlertDeliveryEntity,
  DeliveryAttemptEntity,
  DeliveryLaneEntity,
  DeliveryLaneWindowEntity,
  DeliveryWorkerEntity,
} from '#deliveries/entities';
import { HostTurnEntity } from '#egress/entities';
import { EventInboxEntity, TradingEventEntity } from '#events/entities';
import { FeedCycleEntity, FeedSeenItemEntity, FeedSourceEntity } from '#feeds/entities';
import {
  FilerTickerEntity,
  FilerTickerSourceEntity,
  FilingBudgetMonthEntity,
  FilingEntity,
  FilingSummaryCallEntity,
  FilingSummaryEntity,
} from '#filings/entities';
import { IdempotencyKeyEntity } from '#idempotency/entities';
import {
  InstrumentEntity,
  InstrumentImportIssueEntity,
  InstrumentNameEntity,
  InstrumentSeriesEntity,
  InstrumentRegistryEntity,
  InstrumentImportChangeEntity,
  InstrumentImportEntity,
  InstrumentMappingEntity,
} from '#instruments/entities';
import {
  LatestQuoteEntity,
  PortfolioHistoryPointEntity,
  PortfolioSnapshotEntity,
  PositionAdjustmentEntity,
  QuoteMarkEntity,
  RateEntity,
  ValuationMomentEntity,
} from '#portfolios/entities';
import { ReplicationBeatEntity } from '#replication/entities';
import { TradingSessionEntity } from '#sessions/entities';
import { VenueDayEntity } from '#venues/entities';
import { WebhookEndpointEntity, WebhookHealthMetricEntity, WebhookSecretEntity } from '#webhooks/entities';

/** Every entity; `deskwire migrate check` compares them with the schema. */
export const entities = [
  AlertDedupeWindowEntity,
  AlertDeliveryEntity,
  AlertEntity,
  AlertRuleEntity,
  AlertRuleOverrunEntity,
  AlertSilenceEntity,
  ApiKeyEntity,
  AuditRecordEntity,
  DeliveryAttemptEntity,
  DeliveryLaneEntity,
  DeliveryLaneWindowEntity,
  DeliveryWorkerEntity,
  EventInboxEntity,
  FeedCycleEntity,
  FeedSeenItemEntity,
  FeedSourceEntity,
  FilerTickerEntity,
  FilerTickerSourceEntity,
  FilingBudgetMonthEntity,
  FilingEntity,
  FilingSummaryCallEntity,
  FilingSummaryEntity,
  HostTurnEntity,
  IdempotencyKeyEntity,
  InstrumentEntity,
  InstrumentImportIssueEntity,
  InstrumentNameEntity,
  InstrumentSeriesEntity,
  InstrumentRegistryEntity,
  InstrumentImportChangeEntity,
  InstrumentImportEntity,
  InstrumentMappingEntity,
  LatestQuoteEntity,
  LoginEntity,
  PortfolioHistoryPointEntity,
  PortfolioSnapshotEntity,
  PositionAdjustmentEntity,
  QuoteMarkEntity,
  RateEntity,
  RefreshTokenEntity,
  ReplicationBeatEntity,
  TradingEventEntity,
  TradingSessionEntity,
  UserEntity,
  ValuationMomentEntity,
  VenueDayEntity,
  WebhookEndpointEntity,
  WebhookHealthMetricEntity,
  WebhookSecretEntity,
];
