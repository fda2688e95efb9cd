import { CreateChangeFeed1766000000001 } from './1766000000001-create-change-feed.js';
import { CreateUsers1766000000002 } from './1766000000002-create-users.js';
import { CreateTradingEvents1766000000003 } from './1766000000003-create-trading-events.js';
import { CreateTradingSessions1766000000004 } from './1766000000004-create-trading-sessions.js';
import { CreateInstruments1766000000005 } from './1766000000005-create-instruments.js';
import { CreatePortfolios1766000000006 } from './1766000000006-create-portfolios.js';
import { CreateIdempotencyKeys1766000000007 } from './1766000000007-create-idempotency-keys.js';

/** Every migration, oldest first. An applied one is never edited: its checksum is kept. */
export const migrations = [
  CreateChangeFeed1766000000001,
  CreateUsers1766000000002,
  CreateTradingEvents1766000000003,
  CreateTradingSessions1766000000004,
  CreateInstruments1766000000005,
  CreatePortfolios1766000000006,
  CreateIdempotencyKeys1766000000007,
];
