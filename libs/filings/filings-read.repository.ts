import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { OrderKey } from '#text';
import { allTickers, type RegisteredFiling } from './edgar/filing.js';
import { FILING_COLUMNS, filingOf, type FilingRow } from './register/filing-row.js';
import type { SummaryKey, SummaryState } from './summaries/summaries.repository.js';
import type { TickerPeriod } from './tickers/filer-tickers.repository.js';

export interface OtherFiling {
  accession: string;
  form: string;
  filedOn: string;
}

export interface StoredSummary {
  state: SummaryState;
  summary: string | null;
  reason: string | null;
  truncated: boolean;
  provider: string;
  model: string;
  promptVersion: string;
  invalidatedBy: string | null;
  madeAt: string | null;
}

/** A filing with its link, its amendments and its summary. */
export interface FilingView extends Omit<RegisteredFiling, 'isNew'> {
  /** `certain: false` if the amendment has other candidates too. */
  amendedBy: (OtherFiling & { certain: boolean })[];
  stored: StoredSummary | null;
}

export interface FilingFilter {
  /** Forms with their amendments, as `amendments` says. */
  forms?: readonly string[] | undefined;
  /** Forms of which only the amendments are wanted. */
  amended?: readonly string[] | undefined;
  amendments: 'with' | 'without' | 'only';
  ciks?: readonly string[] | undefined;
  /** With the filers that have one of them, or had it for a time. */
  held?: { tickers: readonly string[]; holders: readonly TickerPeriod[] } | undefined;
  from?: string | undefined;
  to?: string | undefined;
  sort: string;
  after: OrderKey | undefined;
  limit: number;
}

type Row = FilingRow & { tickers: string[]; amendedBy: FilingView['amendedBy']; stored: StoredSummary | null };

/**
 * $1, $2: current prompt version and model. Until they have an answer, the answer of another version or model is shown.
 */
const VIEW = `${FILING_COLUMNS}, (
    SELECT coalesce(jsonb_agg(jsonb_build_object('accession', a.accession, 'form', a.form, 'filedOn', a.filed_on, 'certain', a.amendment = 'linked')
      ORDER BY a.filed_at, a.accession), '[]')
    FROM filings a WHERE a.amends = t.accession OR (a.amendment = 'ambiguous' AND a.amends_candidates @> ARRAY[t.accession])
  ) AS "amendedBy", ARRAY(
    SELECT k.ticker FROM filer_tickers k
    WHERE k.cik = ANY (t.filer_ciks) AND (k.until IS NULL OR (k.since <= t.filed_at AND k.until > t.filed_at))
    GROUP BY k.ticker ORDER BY bool_or(k.until IS NULL) DESC, min(k.place), k.ticker
  ) AS tickers, (
    SELECT jsonb_build_object('state', s.state, 'summary', s.summary, 'reason', s.reason, 'truncated', s.truncated, 'provider', s.provider,
      'model', s.model, 'promptVersion', s.prompt_version, 'invalidatedBy', s.invalidated_by, 'madeAt', s.made_at)
    FROM filing_summaries s WHERE s.accession = t.accession
    ORDER BY s.state = 'done' DESC, (s.prompt_version = $1 AND s.model = $2) DESC, s.made_at DESC LIMIT 1
  ) AS stored`;

/** All SQL that reads filings for the API. */
@Injectable()
export class FilingsReadRepository {
  constructor(private readonly database: Database) {}

  async exists(accession: string): Promise<boolean> {
    return (await this.database.rows(`SELECT 1 FROM filings WHERE accession = $1`, [accession])).length > 0;
  }

  async find(accession: string, key: Partial<SummaryKey> = {}): Promise<FilingView | undefined> {
    const [row] = await this.database.rows<Row>(`SELECT ${VIEW} FROM filings t WHERE t.accession = $3`, [
      key.promptVersion ?? '',
      key.model ?? '',
      accession,
    ]);
    return row && viewOf(row);
  }

  async page(filter: FilingFilter, key: Partial<SummaryKey>): Promise<FilingView[]> {
    const params: unknown[] = [key.promptVersion ?? '', key.model ?? '', filter.limit];
    const conditions = Database.conditions(params, [
      ['t.filer_ciks && ', filter.ciks, 'text[]'],
      ['t.filed_at >= ', filter.from, 'timestamptz'],
      ['t.filed_at < ', filter.to, 'timestamptz'],
    ]);
    if (filter.held !== undefined) conditions.push(tickerCondition(filter.held, params));
    const columns = { filedAt: ['t.filed_at', 'timestamptz'] } as const;
    const keyset = Database.keyset(params, filter.sort, columns, ['t.accession', 'text'], filter.after);
    conditions.push(formCondition(filter, params), ...keyset.after);
    const rows = await this.database.rows<Row>(
      `SELECT ${VIEW} FROM filings t WHERE ${conditions.join(' AND ')} ORDER BY ${keyset.orderBy} LIMIT $3`,
      params,
    );
    return rows.map(viewOf);
  }
}

function formCondition({ forms = [], amended = [], amendments }: FilingFilter, params: unknown[]): string {
  const wanted = amendments === 'with' ? '' : amendments === 'only' ? 't.is_amendment' : 'NOT t.is_amendment';
  const of = (names: readonly string[], more: string) =>
    [`t.base_form = ${names.length === 1 ? `$${params.push(names[0])}` : `ANY ($${params.push(names)}::text[])`}`, more]
      .filter((part) => part !== '')
      .join(' AND ');
  const parts = [
    ...(forms.length > 0 ? [of(forms, wanted)] : []),
    ...(amended.length > 0 ? [of(amended, 't.is_amendment')] : []),
  ];
  if (parts.length === 0) return wanted === '' ? 'true' : wanted;
  return parts.length === 1 ? parts[0]! : `(${parts.map((part) => `(${part})`).join(' OR ')})`;
}

function viewOf(row: Row): FilingView {
  const { amendedBy, stored, filers } = row;
  return { ...filingOf(row), tickers: allTickers(filers, row.tickers), amendedBy, stored };
}

/**
 * Filings of the filers that have one of the tickers now, of those that had it while they had it, and filings registered with it.
 * The holders are parameters and no subquery, so that each part can use the index of filer_ciks.
 */
function tickerCondition({ tickers, holders }: NonNullable<FilingFilter['held']>, params: unknown[]): string {
  const parts = tickers.map((ticker) => `t.filers @> $${params.push(JSON.stringify([{ ticker }]))}::jsonb`);
  const current = holders.filter(({ until }) => until === null).map(({ cik }) => cik);
  if (current.length > 0) parts.push(`t.filer_ciks && $${params.push(current)}::text[]`);
  for (const { cik, since, until } of holders.filter((holder) => holder.until !== null)) {
    const [filer, from, to] = [params.push([cik]), params.push(since ?? '-infinity'), params.push(until)];
    parts.push(
      `(t.filer_ciks @> $${filer}::text[] AND t.filed_at >= $${from}::timestamptz AND t.filed_at < $${to}::timestamptz)`,
    );
  }
  return `(${parts.join(' OR ')})`;
}
