export { createDesk, type Desk, type DeskOptions } from './desk.js';
export { addDecimals, compareDecimals, type DecimalFormat, formatDecimal } from './decimals.js';
export {
  type ClientErrorCode,
  type DeskErrorCode,
  DeskProblem,
  type FieldProblem,
  type ProblemDocument,
} from './problem.js';
export type {
  Current,
  Live,
  LiveStatus,
  PanelName,
  PanelParameters,
  PanelRow,
  PanelView,
  Snapshot,
  WantedPanels,
  WatchOptions,
} from './live/panels.js';
export type { Answer, CallInit, CallOptions, ItemOf, ListPath, Method, PathOf, QueryOf } from './rest/calls.js';
export { type DeskRole, hasRole, type Identity } from './session/identity.js';
export type { Credentials, IdentityListener } from './session/session.js';
export type { KeepLogin } from './session/token-store.js';
export type { OpenWire, Wire } from './live/wire.js';
export type { components, paths } from './generated/openapi.js';
export type * from './records.js';
