import { ApiKeyEntity, AuthSessionEntity, RefreshTokenEntity, UserEntity } from '#auth';
import { TradingEventEntity } from '#events';
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

/** Every entity; `deskwire migrate check` compares them with the schema. */
export const entities = [
  ApiKeyEntity,
  AuthSessionEntity,
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
];
