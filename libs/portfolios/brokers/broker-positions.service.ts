import { Inject, Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { ownRowsOf, type Principal } from '#auth';
import { Egress } from '#egress';
import { DomainError } from '#errors';
import { classifyStatus, Policies } from '#resilience';
import { SessionTokens } from '#sessions';
import { Clock, shownTime } from '#time';
import type { ExportFile } from '../exports/export-document.js';
import { PortfolioImportsService } from '../imports/portfolio-imports.service.js';
import { portfoliosConfig, type PortfoliosConfig } from '../portfolios.config.js';
import { portfolioNotFound } from '../portfolios.errors.js';
import { RECONCILIATIONS } from '../portfolios.metrics.js';
import { type PortfolioRow, PortfoliosRepository } from '../portfolios.repository.js';
import type { BrokerReconciliation } from './broker-positions.dto.js';
import { authorizationFor, type BrokerSource } from './broker-source.js';
import { brokerFailed, brokerNotConfigured, brokerSignIn, tokenUnsendable } from './brokers.errors.js';
import { positionDifferences } from './position-differences.js';

/** Compares snapshots with what their brokers have now. */
@Injectable()
export class BrokerPositionsService {
  constructor(
    private readonly portfolios: PortfoliosRepository,
    private readonly imports: PortfolioImportsService,
    private readonly tokens: SessionTokens,
    private readonly egress: Egress,
    private readonly policies: Policies,
    private readonly clock: Clock,
    @Inject(portfoliosConfig.token) private readonly config: PortfoliosConfig,
    @InjectMetric(RECONCILIATIONS) private readonly reconciliations: Counter<'result'>,
  ) {}

  /**
   * Fetches the positions of the account by the token of its owner's broker session and compares them with the snapshot.
   * @throws DomainError PORTFOLIOS_NOT_FOUND, PORTFOLIOS_BROKER_NOT_CONFIGURED, SESSIONS_NOT_ACTIVE, PORTFOLIOS_BROKER_SIGN_IN,
   *   PORTFOLIOS_BROKER_FAILED, PORTFOLIOS_EXPORT_UNREADABLE
   */
  async reconcile(principal: Principal, portfolioId: string): Promise<BrokerReconciliation> {
    const portfolio = await this.portfolios.find(portfolioId, ownRowsOf(principal));
    if (!portfolio) throw portfolioNotFound(portfolioId);
    try {
      const compared = await this.compare(principal, portfolio);
      this.reconciliations.inc({ result: compared.agrees ? 'agrees' : 'differs' });
      return compared;
    } catch (error) {
      this.reconciliations.inc({ result: 'failed' });
      throw error;
    }
  }

  private async compare(principal: Principal, portfolio: PortfolioRow): Promise<BrokerReconciliation> {
    const { portfolioId, userId, broker, account, asOf: snapshotAsOf } = portfolio;
    const source = this.config.brokerPositions.find((one) => one.broker === broker);
    if (source === undefined) throw brokerNotConfigured(broker);
    const { token } = await this.tokens.open({ userId, broker, account });
    const authorization = authorizationFor(broker, token.reveal(), this.config.brokerAuthorization?.reveal());
    if (authorization === undefined) throw tokenUnsendable(broker);
    const files: ExportFile[] = [];
    for (const url of source.urls) files.push(await this.fetch(source, url, authorization));
    const comparedAt = this.clock.now().toISOString();
    // Kite has two names for a contract. The snapshot decides.
    const keys = portfolio.positions.some(({ key }) => key.includes(':')) ? 'symbol' : 'token';
    const reading = await this.imports.read(principal, files, { format: source.format, account, keys }, comparedAt);
    const { differences, equal } = positionDifferences(portfolio.positions, reading.positions);
    return {
      ...{ portfolioId, broker, account, format: source.format, comparedAt, snapshotAsOf: shownTime(snapshotAsOf) },
      agrees: differences.length === 0,
      ...{ equal, differences, notes: reading.notes },
    };
  }

  private async fetch({ broker }: BrokerSource, url: string, authorization: string): Promise<ExportFile> {
    const { hostname, pathname } = new URL(url);
    const timeoutMs = this.config.brokerTimeoutMs;
    const policy = this.policies.policy(`broker:${hostname}`, { retries: 0, timeoutMs: timeoutMs + 1_000 });
    const { status, body } = await policy
      .execute((signal) =>
        this.egress.request({
          url,
          method: 'GET',
          headers: {
            accept: 'application/json, */*;q=0.1',
            authorization,
            'user-agent': this.egress.userAgent('reconciliation'),
          },
          ...{ timeoutMs, maxResponseBytes: this.config.brokerAnswerMaxBytes },
          ...{ onOverflow: 'fail', decompress: true, maxRedirects: 0, signal },
        }),
      )
      .catch((error: unknown) => {
        throw error instanceof DomainError ? brokerFailed(broker, error.message, error) : error;
      });
    if (status === 401 || status === 403) throw brokerSignIn(broker, status);
    if (status < 200 || status > 299) throw brokerFailed(broker, `status ${status} (${classifyStatus(status)})`);
    return { name: pathname.split('/').at(-1) || 'positions', bytes: new Uint8Array(body) };
  }
}
