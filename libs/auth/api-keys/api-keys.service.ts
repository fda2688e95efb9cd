import { Inject, Injectable } from '@nestjs/common';
import { Changes } from '#changes';
import { Atomic } from '#database';
import { Quotas } from '#quotas';
import { AuditTrail } from '../audit-trail.js';
import { authConfig, type AuthConfig } from '../auth.config.js';
import { apiKeyNotFound, roleNotHeld, tooManyApiKeys, unauthenticated } from '../auth.errors.js';
import { LoginsRepository } from '../logins/logins.repository.js';
import { hasRole, type Principal, requireLogin } from '../principal.js';
import type { Role } from '../role.js';
import { CredentialStatuses } from '../statuses/credential-statuses.js';
import { newApiKey, tokenHash } from '../tokens/opaque-token.js';
import { type ApiKey, ApiKeysRepository } from './api-keys.repository.js';

export interface WantedApiKey {
  name: string;
  roles: readonly Role[];
  expiresInDays: number;
}

/** API keys of the caller. Requires a login, so a leaked key cannot create another one. */
@Injectable()
export class ApiKeysService {
  constructor(
    private readonly keys: ApiKeysRepository,
    private readonly logins: LoginsRepository,
    private readonly statuses: CredentialStatuses,
    private readonly changes: Changes,
    private readonly quotas: Quotas,
    private readonly audit: AuditTrail,
    @Inject(authConfig.token) private readonly config: AuthConfig,
  ) {}

  /** @returns the key itself, which is not stored and cannot be shown again @throws AUTH_ROLE_NOT_HELD, AUTH_TOO_MANY_API_KEYS */
  @Atomic()
  async create(principal: Principal, wanted: WantedApiKey): Promise<{ key: string; apiKey: ApiKey }> {
    requireLogin(principal);
    for (const role of wanted.roles) if (!hasRole(principal, role)) throw roleNotHeld(role);
    // A reset that ends the logins and keys of the user must not miss this key.
    if (!(await this.logins.holdAlive(principal.loginId))) throw unauthenticated();
    const { key, prefix } = newApiKey();
    const { userId } = principal;
    const apiKey = await this.keys.insert({ ...wanted, userId, prefix, keyHash: tokenHash(key) });
    await this.quotas.keep({
      name: 'api_keys',
      owner: userId,
      max: this.config.maxApiKeys,
      count: () => this.keys.countOf(userId),
      refusal: () => tooManyApiKeys(this.config.maxApiKeys),
    });
    await this.audit.record({
      action: 'api_key_made',
      subject: { kind: 'api_key', id: apiKey.id },
      ownerId: userId,
      after: { prefix, roles: apiKey.roles, expiresAt: apiKey.expiresAt.toISOString() },
    });
    this.changes.hint();
    return { key, apiKey };
  }

  async list(principal: Principal): Promise<ApiKey[]> {
    requireLogin(principal);
    return this.keys.listOf(principal.userId);
  }

  /** @throws DomainError AUTH_API_KEY_NOT_FOUND */
  async find(principal: Principal, id: string): Promise<ApiKey> {
    const found = (await this.list(principal)).find((key) => key.id === id);
    if (found === undefined) throw apiKeyNotFound(id);
    return found;
  }

  async revoke(principal: Principal, id: string): Promise<void> {
    requireLogin(principal);
    await this.end(principal.userId, id);
    this.statuses.forgetUser(principal.userId);
    this.changes.hint();
  }

  @Atomic()
  private async end(userId: string, id: string): Promise<void> {
    if (!(await this.keys.revoke(userId, id))) throw apiKeyNotFound(id);
    await this.audit.record({ action: 'api_key_revoked', subject: { kind: 'api_key', id }, ownerId: userId });
  }
}
