import { Inject, Injectable } from '@nestjs/common';
import { Background } from '#background';
import { Egress, HostPace } from '#egress';
import { filingsConfig, type FilingsConfig } from '../filings.config.js';
import { tickersRefused } from '../filings.errors.js';
import { FilerTickers } from './filer-tickers.service.js';

const HOUR_MS = 3_600_000;
/** The SEC writes its file again each night. */
const EVERY_MS = 23 * HOUR_MS;
/** Bytes of a ticker file. That of 2024 has 780 KB. */
const MAX_FILE_BYTES = 16_777_216;
const TIMEOUT_MS = 60_000;

/** Loads the SEC's ticker file once a day, in one process. While the network refuses, the tickers stay as they are. */
@Injectable()
export class TickerRefresh {
  constructor(
    private readonly tickers: FilerTickers,
    private readonly egress: Egress,
    private readonly pace: HostPace,
    @Inject(filingsConfig.token) private readonly config: FilingsConfig,
  ) {}

  /** sec.gov refuses requests without a contact, so without one nothing is requested. */
  get isOn(): boolean {
    return this.config.tickersUrl !== '' && (this.egress.contact ?? '').includes('@');
  }

  /** @throws DomainError FILINGS_TICKERS_REFUSED, and those of FilerTickers.load() and #egress */
  @Background({
    name: 'filings-tickers',
    every: HOUR_MS,
    role: 'worker',
    whenReadOnly: 'pause',
    when: (refresh: TickerRefresh) => refresh.isOn,
  })
  async refresh(signal?: AbortSignal): Promise<void> {
    const url = this.config.tickersUrl;
    if (!(await this.tickers.isDue(url, EVERY_MS))) return;
    await this.tickers.load(await this.fetch(url, signal), url);
  }

  /** @throws DomainError FILINGS_TICKERS_REFUSED, and those of #egress */
  async fetch(url: string, signal?: AbortSignal): Promise<Buffer> {
    const { host } = new URL(url);
    await this.pace.wait(host, this.config.archivePerSecond, signal);
    const answer = await this.egress.request({
      url,
      method: 'GET',
      headers: { 'user-agent': this.egress.userAgent('filings'), accept: 'application/json, text/plain;q=0.5' },
      timeoutMs: TIMEOUT_MS,
      maxResponseBytes: MAX_FILE_BYTES,
      onOverflow: 'fail',
      decompress: true,
      maxRedirects: 2,
      ...(signal && { signal }),
    });
    if (answer.status !== 200) throw tickersRefused(host, answer.status, (this.egress.contact ?? '').includes('@'));
    return answer.body;
  }
}
