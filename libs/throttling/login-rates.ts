import { Inject, Injectable } from '@nestjs/common';
import { InjectThrottlerStorage } from '@nestjs/throttler';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Counter } from 'prom-client';
import { RatePolicy } from './rate-policy.js';
import { type ThrottlingConfig, throttlingConfig } from './throttling.config.js';
import { REFUSALS } from './throttling.metrics.js';
import { ThrottlerMemory } from './throttler-memory.js';

/**
 * An address may use the `login` limit of this many accounts. One account that signs in in a loop is refused before it has
 * used up the limit of its address, so the other users of an office behind one address can still sign in.
 */
const ACCOUNTS_PER_ADDRESS = 10;

const COUNTED = Symbol('deskwire:login-address');
type Counted = FastifyRequest & { [COUNTED]?: { address: string; key: string } };

/**
 * Counts sign-ins twice: per address and route, and per account of an address. A request refused by the account's limit
 * is not counted against the address.
 */
@Injectable()
export class LoginRates {
  private readonly ofAddress: RatePolicy;
  private readonly ofAccount: RatePolicy;

  constructor(
    @InjectThrottlerStorage() memory: ThrottlerMemory,
    @Inject(throttlingConfig.token) { loginLimit, windowMs }: ThrottlingConfig,
    @InjectMetric(REFUSALS) refusals: Counter,
  ) {
    const policy = (limit: number, counter: string): RatePolicy =>
      new RatePolicy('login', limit, windowMs, counter, memory, refusals);
    this.ofAddress = policy(loginLimit * ACCOUNTS_PER_ADDRESS, 'login_address');
    this.ofAccount = policy(loginLimit, 'login');
  }

  /** Runs before the body is read. @throws DomainError THROTTLING_LIMITED */
  admitAddress(request: Counted, reply: FastifyReply, address: string): void {
    const key = `${address} ${request.routeOptions.url}`;
    request[COUNTED] = { address, key };
    this.ofAddress.admit(key, reply);
  }

  /** @throws DomainError THROTTLING_LIMITED */
  admitAccount(request: Counted, reply: FastifyReply, account: string): void {
    const { address, key } = request[COUNTED]!;
    try {
      this.ofAccount.admit(`${address} ${account}`, reply);
    } catch (error) {
      this.ofAddress.giveBack(key);
      throw error;
    }
  }
}
