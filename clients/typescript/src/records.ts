// The records of the API by name. They are those of the operations, so that a record and its list cannot differ.
import type { Answer, ItemOf } from './rest/calls.js';

export type Alert = ItemOf<'/v1/alerts'>;
export type AlertRule = Answer<'/v1/alert-rules/{id}'>;
export type ApiKey = ItemOf<'/v1/auth/api-keys'>;
export type AuditEntry = ItemOf<'/v1/audit'>;
export type Delivery = Answer<'/v1/deliveries/{id}'>;
export type DeskEvent = ItemOf<'/v1/events'>;
export type Feed = Answer<'/v1/feeds/{id}'>;
export type Filing = ItemOf<'/v1/filings'>;
export type Instrument = Answer<'/v1/instruments/{id}'>;
export type InstrumentImport = ItemOf<'/v1/instruments/imports'>;
export type Portfolio = Answer<'/v1/portfolios/{id}'>;
export type PortfolioSummary = ItemOf<'/v1/portfolios'>;
export type Position = Portfolio['positions'][number];
export type Quote = ItemOf<'/v1/quotes'>;
export type BrokerSession = ItemOf<'/v1/sessions'>;
export type User = Answer<'/v1/users/{id}'>;
export type Venue = ItemOf<'/v1/venues'>;
export type Webhook = Answer<'/v1/webhooks/{id}'>;
