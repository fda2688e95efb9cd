import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Counter, Gauge } from 'prom-client';
import { databaseConfig, type DatabaseConfig } from '#database/config';
import { requestError } from '#errors';
import { type LimitReport, LimitReports } from './cluster/limit-reports.js';
import { type ThrottlingConfig, throttlingConfig } from './throttling.config.js';
import { tooManyAtOnce } from './throttling.errors.js';
import { AT_ONCE, REFUSALS } from './throttling.metrics.js';
import { type EndTurn, FairTurns } from './fair-turns.js';

/** Connections of the pool for read snapshots that costly requests leave free, for everything else that reads there. */
const LEFT_FREE = 2;

/** Requests that take turns: writes by the class of their route, reads with `@Costly()`, and scrapes of metrics. */
export type TurnClass = 'write' | 'bulk' | 'costly' | 'scrape';

const HANDLING = Symbol('deskwire:handling');
const TURN = Symbol('deskwire:turn');
type Handled = FastifyRequest & { [HANDLING]?: true; [TURN]?: EndTurn };

/** The requests of this process that take turns. */
@Injectable()
export class RequestTurns implements OnModuleInit {
  readonly #turns: Record<TurnClass, FairTurns>;
  readonly #refused = { write: 0, bulk: 0, scrape: 0, costly: 0 };

  constructor(
    @Inject(throttlingConfig.token) config: ThrottlingConfig,
    @Inject(databaseConfig.token) { analyticsPoolMax }: DatabaseConfig,
    @InjectMetric(REFUSALS) private readonly refusals: Counter,
    @InjectMetric(AT_ONCE) gauge: Gauge,
    private readonly http: HttpAdapterHost,
    reports: LimitReports,
  ) {
    const turns = (this.#turns = {
      write: new FairTurns({ perOwner: config.writesAtOnce, total: Infinity, waiting: config.requestsWaiting }),
      bulk: new FairTurns({ perOwner: config.bulkWritesAtOnce, total: Infinity, waiting: config.requestsWaiting }),
      scrape: new FairTurns({ perOwner: config.scrapesAtOnce, total: Infinity, waiting: config.requestsWaiting }),
      costly: new FairTurns({
        perOwner: config.costlyLimit,
        total: Math.max(1, analyticsPoolMax - LEFT_FREE),
        waiting: config.costlyWaiting,
      }),
    });
    reports.add(() => this.#reports());
    for (const name of Object.keys(turns)) refusals.inc({ class: name }, 0);
    Object.assign(gauge, {
      collect(this: Gauge) {
        for (const [name, { running, waiting }] of Object.entries(turns)) {
          this.set({ class: name, state: 'running' }, running);
          this.set({ class: name, state: 'waiting' }, waiting);
        }
      },
    });
  }

  /** Learns when the handler of a request begins and ends. Before the routes exist: hooks are of the routes that follow. */
  onModuleInit(): void {
    // The command line serves no requests.
    if (this.http.httpAdapter?.getType() !== 'fastify') return;
    const fastify = this.http.httpAdapter.getInstance<FastifyInstance>();
    fastify.addHook('preHandler', (request: Handled, _reply, done) => {
      request[HANDLING] = true;
      done();
    });
    fastify.addHook('onSend', (request: Handled, _reply, payload, done) => {
      request[TURN]?.();
      done(null, payload);
    });
  }

  /**
   * Takes a turn and keeps it until the handler has ended. A client that disconnects releases it earlier only if its
   * request has not reached the handler. Otherwise a client that sends and disconnects could run any number of
   * handlers.
   * @throws DomainError THROTTLING_AT_ONCE
   */
  async hold(name: TurnClass, owner: string, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const handled: Handled = request;
    const end = (handled[TURN] = await this.take(name, owner, reply));
    if (reply.raw.destroyed) {
      // The client disconnected while it was authenticated or waited. Nobody reads the answer, and `close` is not
      // emitted again.
      end();
      throw requestError('REQUEST_REFUSED');
    }
    reply.raw.once('close', () => {
      if (!handled[HANDLING]) end();
    });
  }

  /**
   * Resolves when the request may run. Never resolves if its client disconnected before.
   * @returns a function that ends the turn
   * @throws DomainError THROTTLING_AT_ONCE
   */
  take(name: TurnClass, owner: string, reply: FastifyReply): EndTurn | Promise<EndTurn> {
    const turns = this.#turns[name];
    const turn = turns.take(owner, () => {
      const gone = new AbortController();
      reply.raw.once('close', () => gone.abort());
      return gone.signal;
    });
    if (turn !== undefined) return turn;
    this.refusals.inc({ class: name });
    this.#refused[name] += 1;
    throw tooManyAtOnce(name, turns.limits.perOwner, turns.limits.waiting);
  }

  /** Bounds the load of one process, so the processes do not count together. */
  #reports(): LimitReport[] {
    return Object.entries(this.#turns).map(([name, { limits, busiest }]) => ({
      name: `throttling.${name}_at_once`,
      limit: limits.perOwner,
      per: name === 'scrape' ? 'address' : 'user',
      scope: 'process',
      counted: 'process',
      used: busiest,
      refusals: this.#refused[name as TurnClass],
    }));
  }
}
