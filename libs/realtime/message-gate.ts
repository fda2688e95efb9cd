import { Inject, Injectable, Logger } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import type { Socket } from 'socket.io';
import { withCorrelation } from '#telemetry';
import { LiveSockets } from './live-sockets.js';
import { messagesTooFast, unknownEvent } from './realtime.errors.js';
import { realtimeConfig, type RealtimeConfig } from './realtime.config.js';
import { SocketProblem } from './socket-problem.js';

type Acknowledge = (answer: unknown) => void;
export type AnswerMessage = (data: unknown, ack: Acknowledge | undefined) => Promise<unknown>;

/** A socket is closed when it has sent this many refused messages more than accepted ones. */
const PATIENCE = 1_000;

/**
 * Handles every message of every socket: enforces the rate, refuses unknown events, and opens a correlation id.
 * Acknowledges an error of a handler as a problem document.
 */
@Injectable()
export class MessageGate {
  private readonly logger = new Logger(MessageGate.name);

  constructor(
    @Inject(realtimeConfig.token) private readonly config: RealtimeConfig,
    private readonly sockets: LiveSockets,
    private readonly problem: SocketProblem,
    @InjectMetric('realtime_messages_total') private readonly messages: Counter,
    @InjectMetric('realtime_refusals_total') private readonly refusals: Counter,
  ) {}

  /** Answers these events of the socket and refuses all others. */
  bind(socket: Socket, answers: ReadonlyMap<string, AnswerMessage>): void {
    const names = [...answers.keys()];
    socket.use(([event, ...args], _next) => {
      // `next` would dispatch to listeners: an event named `error` without a listener throws out of the process.
      const name = String(event);
      const ack = this.#boundedAck(socket, acknowledgeOf(args));
      void withCorrelation(undefined, async () => {
        try {
          this.#count(socket);
          const answer = answers.get(name);
          if (answer === undefined) throw unknownEvent(name, names);
          this.messages.inc({ event: name });
          const result = await answer(args[0], ack);
          if (result !== undefined) ack?.(result);
        } catch (error) {
          this.#refuse(socket, error, ack);
        }
      });
    });
  }

  /** A client that asks for full cuts and does not read them is closed before another one is queued. */
  #boundedAck(socket: Socket, ack: Acknowledge | undefined): Acknowledge | undefined {
    if (ack === undefined) return undefined;
    return (answer) => {
      if (!socket.connected) return;
      const live = this.sockets.of(socket);
      if (live.isChoked) this.sockets.close(live, 'slow');
      else live.acknowledge(ack, answer);
    };
  }

  #count(socket: Socket): void {
    const live = this.sockets.of(socket);
    const now = Date.now();
    live.lastMessageAt = now;
    if (live.isChoked) this.sockets.close(live, 'slow');
    const wait = live.messages.take(now);
    if (wait === 0) {
      live.refused = Math.max(0, live.refused - 1);
      return;
    }
    live.refused += 1;
    if (live.refused > PATIENCE) this.sockets.close(live, 'flooding');
    throw messagesTooFast(this.config.messagesPerSecond, wait);
  }

  #refuse(socket: Socket, error: unknown, ack: Acknowledge | undefined): void {
    if (!socket.connected) return;
    const problem = this.problem.of(error);
    this.refusals.inc({ reason: problem.code });
    if (problem.status === 500) this.logger.error({ msg: 'a socket message failed', err: error });
    if (ack) ack(problem);
    else socket.emit('exception', problem);
  }
}

function acknowledgeOf(args: unknown[]): Acknowledge | undefined {
  const last = args.at(-1);
  if (typeof last !== 'function') return undefined;
  args.pop();
  return last as Acknowledge;
}
