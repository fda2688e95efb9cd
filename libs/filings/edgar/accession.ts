import { canonicalForm } from '#forms';
import { accessionInvalid } from '../filings.errors.js';

const ACCESSION = /^\d{10}-\d{2}-\d{6}$/;

/**
 * Parses an accession number: ten digits of the submitter, the year, a sequence number (`0001493152-25-027399`).
 * @throws DomainError FILINGS_ACCESSION_INVALID
 */
export function checkedAccession(text: string): string {
  if (!ACCESSION.test(text)) throw accessionInvalid(text);
  return text;
}

/** A CIK padded to ten digits, as EDGAR writes it. */
export const paddedCik = (cik: string): string => cik.trim().replace(/^0+/, '').padStart(10, '0');

/** `8-K/A` is an amendment of an `8-K`, and `SC 13D/A` one of a `SCHEDULE 13D`, whose former name it has. */
export const baseFormOf = (form: string): string => canonicalForm(form).replace(/\/A$/, '');
export const isAmendmentForm = (form: string): boolean => canonicalForm(form).endsWith('/A');
