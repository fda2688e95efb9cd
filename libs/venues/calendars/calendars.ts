import { MONDAY_TO_FRIDAY, type VenueRules } from '../venue-rules.js';
import { XHKG, XTKS } from './asia.js';
import { XETR, XLON } from './europe.js';
import { BSE, MCX, NSE } from './india.js';
import { CME_EQUITY, EDGAR, NASDAQ, NYSE } from './united-states.js';

const FX: VenueRules = {
  title: 'Foreign exchange, Sunday to Friday 17:00 New York',
  timeZone: 'America/New_York',
  weekdays: MONDAY_TO_FRIDAY,
  sessions: [['-1 17:00', '17:00']],
  dayBegins: '-1 17:00',
  days: {},
  from: '1970-01-01',
  to: null,
  source: 'Market convention',
  asOf: '2026-11-25',
};

const CRYPTO: VenueRules = {
  title: 'Crypto assets, always open; the day is that of UTC',
  timeZone: 'UTC',
  weekdays: [0, 1, 2, 3, 4, 5, 6],
  sessions: [['00:00', '24:00']],
  dayBegins: '00:00',
  days: {},
  from: '1970-01-01',
  to: null,
  source: 'Market convention',
  asOf: '2026-11-25',
};

export const CALENDARS = {
  NSE,
  BSE,
  MCX,
  NYSE,
  NASDAQ,
  EDGAR,
  CME_EQUITY,
  XLON,
  XETR,
  XTKS,
  XHKG,
  FX,
  CRYPTO,
} as const satisfies Record<string, VenueRules>;

export type VenueName = keyof typeof CALENDARS;
export const VENUE_NAMES = Object.keys(CALENDARS) as VenueName[];
