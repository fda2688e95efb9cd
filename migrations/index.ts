import { CreateChangeFeed1766000000001 } from './1766000000001-create-change-feed.js';
import { CreateUsers1766000000002 } from './1766000000002-create-users.js';
import { CreateTradingEvents1766000000003 } from './1766000000003-create-trading-events.js';
import { CreateTradingSessions1766000000004 } from './1766000000004-create-trading-sessions.js';
import { CreateInstruments1766000000005 } from './1766000000005-create-instruments.js';
import { CreatePortfolios1766000000006 } from './1766000000006-create-portfolios.js';
import { CreateIdempotencyKeys1766000000007 } from './1766000000007-create-idempotency-keys.js';
import { CreateEventInbox1766000000008 } from './1766000000008-create-event-inbox.js';
import { CreateAlerts1766000000009 } from './1766000000009-create-alerts.js';
import { CreateDeliveries1766000000010 } from './1766000000010-create-deliveries.js';
import { CreateWebhooks1766000000011 } from './1766000000011-create-webhooks.js';
import { CreateFilings1766000000012 } from './1766000000012-create-filings.js';
import { CreateFeeds1766000000013 } from './1766000000013-create-feeds.js';
import { CreateEgressHostTurns1766000000014 } from './1766000000014-create-egress-host-turns.js';
import { RenameAuthSessionsToLogins1766000000015 } from './1766000000015-rename-auth-sessions-to-logins.js';
import { RenameReleasesToImports1766000000016 } from './1766000000016-rename-releases-to-imports.js';
import { CreateDeliveryWorkers1766000000017 } from './1766000000017-create-delivery-workers.js';
import { TrimBuiltInDedupeFields1766000000018 } from './1766000000018-trim-built-in-dedupe-fields.js';
import { CreateVenueDays1766000000019 } from './1766000000019-create-venue-days.js';
import { BoundAlertEvaluation1766000100000 } from './1766000100000-bound-alert-evaluation.js';
import { RevokeKeysOfDisabledUsers1766000400000 } from './1766000400000-revoke-keys-of-disabled-users.js';
import { SealWebhookPaths1766000400001 } from './1766000400001-seal-webhook-paths.js';
import { CreateAuditRecords1766000400002 } from './1766000400002-create-audit-records.js';
import { AddValuationInputs1766000500000 } from './1766000500000-add-valuation-inputs.js';
import { DerivePortfolioValues1766000600000 } from './1766000600000-derive-portfolio-values.js';
import { CountPortfolioPositions1766000700000 } from './1766000700000-count-portfolio-positions.js';
import { ForgetDeletedRules1766000700001 } from './1766000700001-forget-deleted-rules.js';
import { GroupChangeFeedKeys1766000500001 } from './1766000500001-group-change-feed-keys.js';
import { CreateInstrumentSeries1766003000000 } from './1766003000000-create-instrument-series.js';
import { PrepareReplication1766001000000 } from './1766001000000-prepare-replication.js';
import { RememberFeedContacts1766005000000 } from './1766005000000-remember-feed-contacts.js';
import { AddFilerTickers1766006000000 } from './1766006000000-add-filer-tickers.js';
import { AddWebhookHeaders1766006000100 } from './1766006000100-add-webhook-headers.js';
import { StoreInstrumentMappings1766006200000 } from './1766006200000-store-instrument-mappings.js';
import { MeasureTypingErrors1766007000000 } from './1766007000000-measure-typing-errors.js';
import { SilenceAlerts1766008000000 } from './1766008000000-silence-alerts.js';
import { FindAuditRecordsOfRequests1766008100000 } from './1766008100000-find-audit-records-of-requests.js';

/** Every migration, oldest first. An applied one is never edited: its checksum is kept. */
export const migrations = [
  CreateChangeFeed1766000000001,
  CreateUsers1766000000002,
  CreateTradingEvents1766000000003,
  CreateTradingSessions1766000000004,
  CreateInstruments1766000000005,
  CreatePortfolios1766000000006,
  CreateIdempotencyKeys1766000000007,
  CreateEventInbox1766000000008,
  CreateAlerts1766000000009,
  CreateDeliveries1766000000010,
  CreateWebhooks1766000000011,
  CreateFilings1766000000012,
  CreateFeeds1766000000013,
  CreateEgressHostTurns1766000000014,
  RenameAuthSessionsToLogins1766000000015,
  RenameReleasesToImports1766000000016,
  CreateDeliveryWorkers1766000000017,
  TrimBuiltInDedupeFields1766000000018,
  CreateVenueDays1766000000019,
  BoundAlertEvaluation1766000100000,
  RevokeKeysOfDisabledUsers1766000400000,
  SealWebhookPaths1766000400001,
  CreateAuditRecords1766000400002,
  AddValuationInputs1766000500000,
  GroupChangeFeedKeys1766000500001,
  DerivePortfolioValues1766000600000,
  CountPortfolioPositions1766000700000,
  ForgetDeletedRules1766000700001,
  PrepareReplication1766001000000,
  CreateInstrumentSeries1766003000000,
  RememberFeedContacts1766005000000,
  AddFilerTickers1766006000000,
  AddWebhookHeaders1766006000100,
  StoreInstrumentMappings1766006200000,
  MeasureTypingErrors1766007000000,
  SilenceAlerts1766008000000,
  FindAuditRecordsOfRequests1766008100000,
];
