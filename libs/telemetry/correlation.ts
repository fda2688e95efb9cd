import { randomUUID } from 'node:crypto';
import { CLS_ID, type ClsStore, ClsServiceManager } from 'nestjs-cls';

const SAFE = /^[\w.:/+=@-]{1,128}$/;
const ADDRESS = 'address';
const NEWEST = 'newest';
const NO_CACHE = /\bno-cache\b/i;
const TRACEPARENT = /^[\da-f]{2}-(?!0{32})([\da-f]{32})-[\da-f]{16}-[\da-f]{2}/;

/** The id of the running request, message, cycle or job; outside of one, a new one. */
export function correlationId(): string {
  const cls = ClsServiceManager.getClsService();
  return (cls.isActive() ? cls.getId() : undefined) ?? randomUUID();
}

/** Address of the client of the current request. Undefined outside of a request. */
export function callerAddress(): string | undefined {
  const cls = ClsServiceManager.getClsService();
  return cls.isActive() ? cls.get<string | undefined>(ADDRESS) : undefined;
}

/** Whether the client of the current request asked for the newest data, by `Cache-Control: no-cache`. */
export function callerWantsNewest(): boolean {
  const cls = ClsServiceManager.getClsService();
  return cls.isActive() && cls.get<boolean | undefined>(NEWEST) === true;
}

/**
 * Runs `work` in a context of its own, without an open transaction, under the given id. If that is not safe to print, a
 * new one is used.
 */
export function withCorrelation<T>(id: string | undefined, work: () => T): T {
  return ClsServiceManager.getClsService().runWith(correlatedStore(id), work);
}

/** A fresh CLS store with the id, and with the client's address and its `Cache-Control` for a request. */
export function correlatedStore(id: string | undefined, address?: string, cacheControl?: string): ClsStore {
  const newest = cacheControl !== undefined && NO_CACHE.test(cacheControl);
  return {
    [CLS_ID]: id !== undefined && SAFE.test(id) ? id : randomUUID(),
    [ADDRESS]: address,
    [NEWEST]: newest,
  } as ClsStore;
}

/** The caller's id if it is safe to log and return, else that of its trace (W3C traceparent), else a new one. */
export function correlationIdOf(headers: Record<string, string | string[] | undefined>): string {
  const given = headers['x-correlation-id'];
  if (typeof given === 'string' && SAFE.test(given)) return given;
  const trace = headers['traceparent'];
  return (typeof trace === 'string' ? TRACEPARENT.exec(trace)?.[1] : undefined) ?? randomUUID();
}
