import { durationText } from '../ui/quantity-text.js';

export type TraceKind = 'request' | 'event' | 'alert' | 'delivery' | 'attempt';

export interface TraceStep {
  id: string;
  kind: TraceKind;
  /** The step that caused this one. */
  parentId?: string | undefined;
  title: string;
  detail: string;
  at: string;
  /** Absent for a step without a duration, and for one that has not ended. */
  endedAt?: string | undefined;
  tone: 'good' | 'warn' | 'bad' | 'info' | 'plain';
  href?: string | undefined;
}

/** What the desk recorded under one correlation id. */
export interface TraceParts {
  events: readonly {
    id: string;
    type: string;
    causationId: string | null;
    payload: unknown;
    occurredAt: string;
    recordedAt: string;
  }[];
  alerts: readonly {
    id: string;
    eventId: string;
    title: string;
    severity: 'info' | 'warning' | 'critical';
    ruleName: string;
    raisedAt: string;
    deferredUntil: string | null;
  }[];
  deliveries: readonly {
    id: string;
    alertId: string | null;
    endpointId: string;
    status: string;
    createdAt: string;
    settledAt: string | null;
    log: readonly {
      attempt: number;
      at: string;
      outcome: string;
      statusCode: number | null;
      errorClass: string | null;
      latencyMs: number;
    }[];
  }[];
}

export interface TraceRow extends TraceStep {
  depth: number;
  /** Distance from the first step, and length, in ms. */
  offsetMs: number;
  lengthMs: number;
}

/** The event of what a person or an API key did: each trace that a request began has one. */
const REQUEST = 'SecurityActRecorded';
const SEVERITY_TONES = { info: 'info', warning: 'warn', critical: 'bad' } as const;

/** Puts what one correlation id caused in order: each step below its cause, siblings by time. */
export function traceOf(parts: TraceParts, nameOfEndpoint: (id: string) => string): TraceRow[] {
  const steps = [
    ...parts.events.map(eventStep),
    ...parts.alerts.map(alertStep),
    ...parts.deliveries.flatMap((delivery) => deliverySteps(delivery, nameOfEndpoint(delivery.endpointId))),
  ];
  const known = new Set(steps.map(({ id }) => id));
  const [request] = steps.filter(({ kind }) => kind === 'request');
  const children = new Map<string | undefined, TraceStep[]>();
  for (const step of steps) {
    const cause = step.parentId !== undefined && known.has(step.parentId) ? step.parentId : undefined;
    // An event without a cause of its own was caused by the request.
    const parent = cause ?? (step.kind === 'event' ? request?.id : undefined);
    children.set(parent, [...(children.get(parent) ?? []), step]);
  }
  const start = Math.min(...steps.map(({ at }) => Date.parse(at)));
  const rows: TraceRow[] = [];
  const visit = (parent: string | undefined, depth: number): void => {
    const inOrder = [...(children.get(parent) ?? [])].sort((one, other) => one.at.localeCompare(other.at));
    for (const step of inOrder) {
      const offsetMs = Date.parse(step.at) - start;
      const lengthMs = step.endedAt === undefined ? 0 : Math.max(0, Date.parse(step.endedAt) - Date.parse(step.at));
      rows.push({ ...step, depth, offsetMs, lengthMs });
      visit(step.id, depth + 1);
    }
  };
  visit(undefined, 0);
  return rows;
}

/** Time from the first step to the end of the last one, in ms. */
export function traceLengthMs(rows: readonly TraceRow[]): number {
  return Math.max(0, ...rows.map(({ offsetMs, lengthMs }) => offsetMs + lengthMs));
}

function eventStep({
  id,
  type,
  causationId,
  payload,
  occurredAt,
  recordedAt,
}: TraceParts['events'][number]): TraceStep {
  const href = `/events?event=${id}`;
  const parentId = causationId ?? undefined;
  if (type === REQUEST) {
    const { action, actorVia, subjectKind } = payload as Record<string, string>;
    const title = String(action).replaceAll('_', ' ');
    return {
      id,
      kind: 'request',
      title,
      detail: `${subjectKind}, by ${actorVia}`,
      at: recordedAt,
      tone: 'plain',
      href,
    };
  }
  // A source may report late: the trace shows when the desk recorded it.
  const late = Date.parse(recordedAt) - Date.parse(occurredAt);
  const detail = late >= 1_000 ? `occurred ${durationText(late)} before it was recorded` : '';
  return { id, kind: 'event', parentId, title: type, detail, at: recordedAt, tone: 'info', href };
}

function alertStep(alert: TraceParts['alerts'][number]): TraceStep {
  const { id, eventId, title, severity, ruleName, raisedAt, deferredUntil } = alert;
  const detail = deferredUntil === null ? `rule ${ruleName}` : `rule ${ruleName}; quiet until ${deferredUntil}`;
  const tone = SEVERITY_TONES[severity];
  return { id, kind: 'alert', parentId: eventId, title, detail, at: raisedAt, tone, href: `/alerts?alert=${id}` };
}

function deliverySteps(delivery: TraceParts['deliveries'][number], endpoint: string): TraceStep[] {
  const { id, alertId, status, createdAt, settledAt, log } = delivery;
  const href = `/deliveries?delivery=${id}`;
  const own: TraceStep = {
    ...{ id, kind: 'delivery', parentId: alertId ?? undefined, title: endpoint, detail: status, at: createdAt, href },
    ...(settledAt !== null && { endedAt: settledAt }),
    tone: status === 'delivered' ? 'good' : status === 'dead' ? 'bad' : 'plain',
  };
  const attempts = log.map(({ attempt, at, outcome, statusCode, errorClass, latencyMs }): TraceStep => ({
    ...{ id: `${id}:${attempt}`, kind: 'attempt', parentId: id, title: `Attempt ${attempt}` },
    detail: `${statusCode ?? errorClass ?? outcome}, ${latencyMs} ms`,
    // An attempt is stored with the time at which its answer came.
    ...{ at: new Date(Date.parse(at) - latencyMs).toISOString(), endedAt: at, href },
    tone: outcome === 'delivered' ? 'good' : 'bad',
  }));
  return [own, ...attempts];
}
