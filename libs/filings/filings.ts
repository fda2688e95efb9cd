import { Injectable } from '@nestjs/common';
import type { FoundFiling, RegisteredFiling } from './filing.js';

/** The register of filings: one row an accession number, however many entries and filers it has. */
@Injectable()
export class Filings {
  /**
   * Registers what feeds have found, inside the open transaction. Entries of one accession number are merged, with one
   * another and with what is known; amendments are linked to what they amend, whichever came first.
   * @returns one for each accession number, in the order of their first entries
   * @throws Error outside a transaction; DomainError FILINGS_ACCESSION_INVALID
   */
  register(found: readonly FoundFiling[]): Promise<RegisteredFiling[]> {
    return Promise.reject(new Error(`not yet: ${found.length}`));
  }
}
