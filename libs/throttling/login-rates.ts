import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RatePolicies } from './rate-policies.js';

const COUNTED = Symbol('deskwire:login-address');
type Counted = FastifyRequest & { [COUNTED]?: { address: string; key: string } };

/**
 * Counts sign-ins twice: per address and route, and per account of an address. A request refused by the account's limit
 * is not counted against the address.
 */
@Injectable()
export class LoginRates {
  constructor(private readonly policies: RatePolicies) {}

  /** Runs before the body is read. @throws DomainError THROTTLING_LIMITED */
  async admitAddress(request: Counted, reply: FastifyReply, address: string): Promise<void> {
    const key = `${address} ${request.routeOptions.url}`;
    request[COUNTED] = { address, key };
    await this.policies.loginAddress.admit(key, reply);
  }

  /** @throws DomainError THROTTLING_LIMITED */
  async admitAccount(request: Counted, reply: FastifyReply, account: string): Promise<void> {
    const { address, key } = request[COUNTED]!;
    try {
      await this.policies.login.admit(`${address} ${account}`, reply);
    } catch (error) {
      this.policies.loginAddress.giveBack(key);
      throw error;
    }
  }
}
