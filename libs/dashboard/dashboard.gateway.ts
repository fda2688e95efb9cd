import { UseFilters } from '@nestjs/common';
import {
  Ack,
  ConnectedSocket,
  MessageBody,
  type OnGatewayDisconnect,
  SubscribeMessage,
  WebSocketGateway,
} from '@nestjs/websockets';
import type { Socket } from 'socket.io';
import { parseRequest } from '#http';
import { type LiveSocket, LiveSockets, RethrowToGate } from '#realtime';
import { Audience, NAMESPACE, type Subscription } from './cuts/audience.js';
import { viewOf } from './cuts/cut-view.js';
import { notSubscribed } from './dashboard.errors.js';
import { emptyMessage, subscribeMessage } from './dashboard-socket-events.js';
import { DashboardService } from './dashboard.service.js';
import { PanelSet } from './cuts/panel-set.js';
import { viewerOf } from './viewer-of.js';

type Acknowledge = ((answer: unknown) => void) | undefined;

@WebSocketGateway({ namespace: NAMESPACE })
@UseFilters(RethrowToGate)
export class DashboardGateway implements OnGatewayDisconnect {
  readonly #live = new WeakMap<Socket, LiveSocket>();
  /** The last message of each socket that changes or reads its subscription. */
  readonly #turns = new WeakMap<Socket, Promise<unknown>>();

  constructor(
    private readonly dashboard: DashboardService,
    private readonly audience: Audience,
    private readonly sockets: LiveSockets,
    private readonly panels: PanelSet,
  ) {}

  handleDisconnect(socket: Socket): void {
    const live = this.#live.get(socket);
    if (live !== undefined) this.audience.leave(live);
  }

  @SubscribeMessage('dashboard:subscribe')
  async subscribe(
    @ConnectedSocket() socket: Socket,
    @MessageBody() message: unknown,
    @Ack() ack: Acknowledge,
  ): Promise<void> {
    const { panels, maxPerSecond } = parseRequest('message', subscribeMessage, message ?? {});
    const subscription = { choice: this.panels.choose(panels), maxPerSecond };
    await this.#inTurn(socket, () => this.#answer(socket, subscription, ack));
  }

  @SubscribeMessage('dashboard:resync')
  async resync(
    @ConnectedSocket() socket: Socket,
    @MessageBody() message: unknown,
    @Ack() ack: Acknowledge,
  ): Promise<void> {
    parseRequest('message', emptyMessage, message);
    await this.#inTurn(socket, () => {
      const subscription = this.audience.subscriptionOf(this.sockets.of(socket));
      if (subscription === undefined) throw notSubscribed();
      return this.#answer(socket, subscription, ack);
    });
  }

  @SubscribeMessage('dashboard:unsubscribe')
  async unsubscribe(
    @ConnectedSocket() socket: Socket,
    @MessageBody() message: unknown,
  ): Promise<{ subscribed: false }> {
    parseRequest('message', emptyMessage, message);
    await this.#inTurn(socket, () => this.audience.leave(this.sockets.of(socket)));
    return { subscribed: false };
  }

  /**
   * Messages of a socket take effect in the order they were sent. A subscribe waits for the database. An unsubscribe that
   * overtook it would be acknowledged while frames continue.
   */
  async #inTurn<T>(socket: Socket, act: () => T | Promise<T>): Promise<T> {
    const before = this.#turns.get(socket);
    const mine = before === undefined ? (async () => act())() : before.then(act, act);
    this.#turns.set(socket, mine);
    try {
      return await mine;
    } finally {
      if (this.#turns.get(socket) === mine) this.#turns.delete(socket);
    }
  }

  /** Joins and acknowledges in one synchronous step. Otherwise the next delta could overtake the cut that it starts from. */
  async #answer(socket: Socket, subscription: Subscription, ack: Acknowledge): Promise<void> {
    const served = this.dashboard.atHand() ?? (await this.dashboard.fromDatabase());
    if (!socket.connected) return;
    const live = this.sockets.of(socket);
    this.#live.set(socket, live);
    // The clock may have a newer cut meanwhile, and the audience continues from the clock's current cut.
    const cut = this.dashboard.clock.current ?? served.cut;
    const { panels } = viewOf(cut, subscription.choice, viewerOf(live.principal));
    const body = {
      snapshot: cut.snapshot,
      source: served.source,
      ageMs: Math.round(this.dashboard.clock.ageMs),
      panels,
    };
    this.audience.join(live, subscription, cut);
    if (typeof ack === 'function') ack(body);
    else socket.emit('dashboard:snapshot', body);
  }
}
