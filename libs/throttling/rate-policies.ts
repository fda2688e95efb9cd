import { Inject, Injectable } from '@nestjs/common';
import { InjectThrottlerStorage } from '@nestjs/throttler';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { LimitReports } from './cluster/limit-reports.js';
import { Peers } from './cluster/peers.js';
import { CountSettlement } from './cluster/count-settlement.js';
import { RatePolicy } from './rate-policy.js';
import { type ThrottlingConfig, throttlingConfig } from './throttling.config.js';
import { REFUSALS } from './throttling.metrics.js';
import { ThrottlerMemory } from './throttler-memory.js';

/**
 * An address may use the `login` limit of this many accounts. One account that signs in in a loop is refused before it has
 * used up the limit of its address, so the other users of an office behind one address can still sign in.
 */
const ACCOUNTS_PER_ADDRESS = 10;

/** The request limits. */
@Injectable()
export class RatePolicies {
  readonly read: RatePolicy;
  readonly write: RatePolicy;
  readonly bulk: RatePolicy;
  /** Sign-ins of an account from an address. */
  readonly login: RatePolicy;
  /** Sign-ins from an address, per route. */
  readonly loginAddress: RatePolicy;

  constructor(
    @InjectThrottlerStorage() memory: ThrottlerMemory,
    @Inject(throttlingConfig.token) { windowMs, unsettledPart, ...config }: ThrottlingConfig,
    @InjectMetric(REFUSALS) refusals: Counter,
    settlement: CountSettlement,
    peers: Peers,
    reports: LimitReports,
  ) {
    const policy = (counter: 'read' | 'write' | 'bulk', limit: number): RatePolicy =>
      new RatePolicy(
        { name: counter, counter, limit, windowMs, unsettledPart, per: 'user', alone: () => limit },
        memory,
        settlement,
        refusals,
      );
    // Limits against guessing: each request is settled, and while Redis is away the processes divide them.
    const login = (counter: string, limit: number, per: 'account and address' | 'address'): RatePolicy =>
      new RatePolicy(
        { name: 'login', counter, limit, windowMs, unsettledPart: Infinity, per, alone: () => peers.share(limit) },
        memory,
        settlement,
        refusals,
      );
    this.read = policy('read', config.readLimit);
    this.write = policy('write', config.writeLimit);
    this.bulk = policy('bulk', config.bulkLimit);
    this.login = login('login', config.loginLimit, 'account and address');
    this.loginAddress = login('login_address', config.loginLimit * ACCOUNTS_PER_ADDRESS, 'address');
    const all = [this.read, this.write, this.bulk, this.login, this.loginAddress];
    reports.add(() => all.map((each) => each.report()));
  }
}
