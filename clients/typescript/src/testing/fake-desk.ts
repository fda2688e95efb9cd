import type { DeskOptions } from '../desk.js';
import type { PanelName, PanelView, Snapshot } from '../live/panels.js';
import { DeskProblem } from '../problem.js';
import { type DeskRole, ROLES } from '../session/identity.js';
import { difference } from './difference.js';
import { FakeLogins, type FakeUser } from './fake-logins.js';
import { type FakeHandler, type FakeRequest, FakeRest } from './fake-rest.js';
import { type FakeServer, FakeWire } from './fake-wire.js';

/** Panels of a fake desk. Give only those, and only the members, that the test needs. */
export type FakePanels = { [N in PanelName]?: Partial<PanelView<N>> };

export interface FakeDeskOptions {
  /** Default: one of each role, such as operator@example.com, with the password `password`. */
  users?: readonly FakeUser[];
  panels?: FakePanels;
  /** Lifetime of access tokens. Default: 15 minutes. */
  tokenLifeMs?: number;
}

interface Watcher {
  names: readonly string[];
  /** What the client holds. */
  held: object;
}

/**
 * A desk in memory for tests: it speaks the protocol of a real one, over REST and sockets, and can do what networks do. Panels are
 * shown as they are given: `limit`, `sort` and filters have no effect.
 *
 * ```ts
 * const fake = new FakeDesk({ panels: { alerts: { order: [], rows: {}, total: 0 } } });
 * const desk = createDesk({ ...fake.options, signIn: fake.credentials('operator') });
 * ```
 */
export class FakeDesk implements FakeServer {
  readonly #logins: FakeLogins;
  readonly #rest: FakeRest;
  readonly #wires = new Set<FakeWire>();
  readonly #watchers = new Map<FakeWire, Watcher>();
  #panels: FakePanels;
  #position = 0;
  #source: 'cache' | 'stale' = 'cache';
  #losing = 0;
  #draining = false;
  /** How often clients subscribed and asked for a full cut, since the start. */
  readonly counts = { connects: 0, subscribes: 0, resyncs: 0 };

  constructor({ users, panels = {}, tokenLifeMs = 900_000 }: FakeDeskOptions = {}) {
    const usual = ROLES.map((role) => ({ email: `${role}@example.com`, password: 'password', role }));
    this.#logins = new FakeLogins(users ?? usual, tokenLifeMs);
    this.#rest = new FakeRest(this.#logins);
    this.#panels = structuredClone(panels);
    this.#addRoutes();
  }

  /** Options for `createDesk`. */
  get options(): DeskOptions {
    const openWire = () => {
      const wire = new FakeWire(this);
      this.#wires.add(wire);
      return wire;
    };
    return { url: 'http://fake.desk', keep: 'memory', fetch: this.#rest.fetch, openWire };
  }

  credentials(role: DeskRole): { email: string; password: string } {
    return { email: `${role}@example.com`, password: 'password' };
  }

  /** Every request so far. */
  get requests(): readonly FakeRequest[] {
    return this.#rest.requests;
  }

  get refreshes(): number {
    return this.#logins.refreshes;
  }

  get snapshot(): Snapshot {
    const asOf = new Date(Date.UTC(2026, 0, 1) + this.#position).toISOString();
    return { id: `fake-${this.#position}`, position: this.#position, asOf } as Snapshot;
  }

  /** Number of connected sockets. */
  get sockets(): number {
    return [...this.#wires].filter(({ connected }) => connected).length;
  }

  /** Answers a route, such as `GET /v1/alerts/{id}`. */
  route(name: string, handler: FakeHandler): void {
    this.#rest.add(name, handler);
  }

  /** Changes the panels and sends each watcher its delta. */
  change(edit: (panels: FakePanels) => void): void {
    const next = structuredClone(this.#panels);
    edit(next);
    this.#panels = next;
    this.#position += 1;
    for (const [wire, watcher] of this.#watchers) {
      const before = watcher.held;
      const after = this.#cut(watcher.names);
      watcher.held = after;
      const [from, to] = [idOf(before), idOf(after)];
      if (this.#losing > 0) continue;
      wire.send('dashboard:delta', { from, to, patch: difference(before, after) });
    }
    if (this.#losing > 0) this.#losing -= 1;
  }

  /** The next deltas get lost on their way. */
  loseDeltas(count = 1): void {
    this.#losing = count;
  }

  heartbeat(): void {
    for (const wire of this.#watchers.keys())
      wire.send('dashboard:heartbeat', { id: this.snapshot.id, source: this.#source, ageMs: 0 });
  }

  /** Tells every watcher that it read too slowly, with one full cut. */
  conflate(dropped = 1): void {
    for (const [wire, { names }] of this.#watchers) {
      wire.send('flow', { state: 'conflated', dropped });
      wire.send('dashboard:snapshot', this.#body(names));
    }
  }

  /** The database of the desk is unreachable, or reachable again. */
  setStale(stale: boolean): void {
    this.#source = stale ? 'stale' : 'cache';
    for (const wire of this.#watchers.keys()) wire.send('flow', { state: stale ? 'stale' : 'live', ageMs: 0 });
  }

  /** Cuts the network, for requests and sockets, or mends it. */
  setDown(down: boolean): void {
    this.#rest.down = down;
    if (down) for (const wire of this.#wires) wire.drop('transport close');
  }

  /** The process stops: it tells the sockets when to come back, and closes them. Later sockets find another process. */
  drain(reconnectInMs = 0): void {
    this.#draining = true;
    for (const wire of this.#wires) {
      wire.send('server:draining', { reconnectInMs });
    }
    queueMicrotask(() => {
      for (const wire of this.#wires) wire.drop('io server disconnect');
      this.#draining = false;
    });
  }

  /** Warns sockets that their token ends soon. */
  warnOfExpiry(inMs = 60_000): void {
    const expiresAt = new Date(Date.now() + inMs).toISOString();
    for (const wire of this.#wires) wire.send('auth:expiring', { expiresAt, inMs });
  }

  /** Ends all access tokens. Clients can refresh them. */
  expireTokens(): void {
    this.#logins.expire();
    for (const wire of this.#wires) wire.close({ code: 'AUTH_TOKEN_EXPIRED', detail: "This socket's token expired." });
  }

  /** Disables a user: ends all logins and sockets. */
  revoke(email: string): void {
    const user = this.#logins.userByEmail(email);
    const theirs = [...this.#wires].filter((wire) => wire.connected && this.#logins.userOf(wire.token) === user);
    this.#logins.end(user);
    for (const wire of theirs) wire.close({ code: 'AUTH_REVOKED', detail: 'The login was revoked.' });
  }

  /** An admin changes the role of a user. */
  setRole(email: string, role: DeskRole): void {
    this.#logins.setRole(email, role);
  }

  admit(wire: FakeWire): DeskProblem | undefined {
    if (this.#rest.down) return problem('CLIENT_UNREACHABLE', 0, 'The network is down.');
    if (this.#draining) return problem('REALTIME_DRAINING', 503, 'This process is stopping.', { retryAfterMs: 10 });
    try {
      this.#logins.userOf(wire.token);
    } catch (error) {
      return error as DeskProblem;
    }
    this.counts.connects += 1;
    return undefined;
  }

  answer(wire: FakeWire, event: string, message: object): object {
    if (event === 'auth:refresh') return this.#refreshToken(wire, (message as { token: string }).token);
    if (event === 'dashboard:unsubscribe') {
      this.#watchers.delete(wire);
      return { subscribed: false };
    }
    const resync = event === 'dashboard:resync';
    this.counts[resync ? 'resyncs' : 'subscribes'] += 1;
    const names = resync
      ? this.#watchers.get(wire)?.names
      : Object.keys((message as { panels?: object }).panels ?? this.#panels);
    if (names === undefined)
      return problem('DASHBOARD_NOT_SUBSCRIBED', 409, 'The socket has no subscription.').document;
    const unknown = names.filter((name) => !Object.hasOwn(this.#panels, name));
    if (unknown.length > 0) {
      const errors = unknown.map((seen) => ({ field: 'panels', seen, allowed: Object.keys(this.#panels).join(', ') }));
      return problem('REQUEST_INVALID', 400, 'The dashboard has no such panel.', { errors }).document;
    }
    this.#watchers.set(wire, { names, held: this.#cut(names) });
    return this.#body(names);
  }

  left(wire: FakeWire): void {
    this.#watchers.delete(wire);
  }

  #refreshToken(wire: FakeWire, token: string): object {
    try {
      this.#logins.userOf(token);
    } catch (error) {
      return (error as DeskProblem).document;
    }
    wire.auth = { token };
    return { expiresAt: new Date().toISOString() };
  }

  #cut(names: readonly string[]): object {
    const panels = Object.fromEntries(names.map((name) => [name, this.#panels[name as PanelName]]));
    return { snapshot: this.snapshot, panels };
  }

  #body(names: readonly string[]): object {
    return { ...this.#cut(names), source: this.#source, ageMs: 0 };
  }

  #addRoutes(): void {
    this.route('POST /v1/auth/login', ({ body }) => this.#logins.signIn(body as never));
    this.route('POST /v1/auth/refresh', ({ body }) =>
      this.#logins.refresh((body as { refreshToken: string }).refreshToken),
    );
    this.route('POST /v1/auth/logout', ({ user }) => this.#logins.end(user!));
    this.route('GET /v1/auth/me', ({ user }) => ({
      ...{ userId: `id-of-${user!.email}`, email: user!.email, displayName: user!.email, roles: [user!.role] },
      ...{ loginId: 'fake', expiresAt: new Date().toISOString() },
    }));
    this.route('GET /v1/dashboard', ({ query }) =>
      this.#body(Object.keys((JSON.parse(query.get('windows') ?? 'null') as object | null) ?? this.#panels)),
    );
  }
}

function idOf(cut: object): string {
  return (cut as { snapshot: Snapshot }).snapshot.id;
}

function problem(code: string, status: number, detail: string, more: object = {}): DeskProblem {
  return new DeskProblem({ code, status, detail, correlationId: 'fake', ...more });
}
