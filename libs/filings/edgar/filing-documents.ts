import { Inject, Injectable } from '@nestjs/common';
import { Egress, HostPace } from '#egress';
import { Threads, threadTask } from '#threads';
import { Policies, type Policy } from '#resilience';
import type { Filer } from './filing.js';
import { filingsConfig, type FilingsConfig } from '../filings.config.js';
import { documentLimit, documentRefused, documentUnreadable } from '../filings.errors.js';
import type submissionOf from './submission.js';
import type { SubmissionText } from './submission.js';

/**
 * Maximum document size in bytes. Main documents come first in a submission; the images after them take megabytes and
 * are not used.
 */
const MAX_BYTES = 4 * 1024 * 1024;
const TIMEOUT_MS = 30_000;
/** Lower limit of the adapted timeout. An attempt waits up to 7 s for the pace that EDGAR allows. */
const LEAST_TIMEOUT_MS = 15_000;

/** A document of 4 MB takes 100 ms. */
const readDocumentTask = threadTask<typeof submissionOf>({
  name: 'filings-document',
  module: import.meta.resolve('./submission.js'),
  deadlineMs: 5_000,
  heapMb: 128,
  maxThreads: 1,
});

/** Fetches the text of filings from EDGAR's archive by accession number and filer, never by a link from a feed. */
@Injectable()
export class FilingDocuments {
  private readonly policy: Policy;

  constructor(
    private readonly egress: Egress,
    private readonly pace: HostPace,
    private readonly threads: Threads,
    @Inject(filingsConfig.token) private readonly config: FilingsConfig,
    policies: Policies,
  ) {
    // Before any feed names a host: the first policies have series of their own.
    this.policy = policies.policy('filings:archive', {
      ...{ timeoutMs: TIMEOUT_MS + 5_000, minTimeoutMs: LEAST_TIMEOUT_MS, retries: 1 },
    });
  }

  /**
   * @throws DomainError FILINGS_DOCUMENT_REFUSED, FILINGS_DOCUMENT_UNREADABLE, and the errors of #egress and
   * #resilience
   */
  async read(filing: { accession: string; filers: readonly Filer[] }, signal?: AbortSignal): Promise<SubmissionText> {
    const url = this.urlOf(filing);
    const { host } = new URL(url);
    const response = await this.policy.execute(async (attempt) => {
      await this.pace.wait(host, this.config.archivePerSecond, attempt);
      const answer = await this.egress.request({
        url,
        method: 'GET',
        headers: { 'user-agent': this.egress.userAgent('filings'), accept: 'text/plain, text/html' },
        timeoutMs: TIMEOUT_MS,
        maxResponseBytes: MAX_BYTES,
        onOverflow: 'truncate',
        decompress: true,
        maxRedirects: 2,
        signal: attempt,
      });
      if (answer.status !== 200) throw documentRefused(filing.accession, answer.status);
      return answer;
    }, signal && { signal });
    const submission = await this.text(filing.accession, response.body, signal);
    // An error page with status 200 is not a filing.
    if (submission.header.accession !== filing.accession || submission.text === '')
      throw documentUnreadable(filing.accession);
    return { ...submission, truncated: submission.truncated || response.truncated };
  }

  private async text(accession: string, bytes: Buffer, signal: AbortSignal | undefined): Promise<SubmissionText> {
    // Copied before it is transferred to the thread: a small Buffer shares Node's pool.
    const body = new Uint8Array(bytes);
    try {
      const input = { body, limit: this.config.maxInputCharacters };
      return await this.threads.run(readDocumentTask, input, {
        ...{ key: accession, signal, transfer: [body.buffer] },
        deadlineMs: this.config.documentDeadlineMs,
      });
    } catch (error) {
      throw documentLimit(accession, error) ?? error;
    }
  }

  private urlOf({ accession, filers }: { accession: string; filers: readonly Filer[] }): string {
    const cik = Number(filers[0]?.cik ?? accession.slice(0, 10));
    return `${this.config.archiveUrl.replace(/\/$/, '')}/${cik}/${accession.replaceAll('-', '')}/${accession}.txt`;
  }
}
