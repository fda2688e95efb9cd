/** What the form of a webhook holds, as text where the reader types text. */
export interface WebhookDraft {
  url: string;
  description: string;
  format: string;
  minSeverity: string;
  concurrency: string;
  ratePerSecond: string;
  operator: boolean;
  desk: boolean;
  /** `Name: value`, one a line. */
  headers: string;
  username: string;
  password: string;
}

interface StoredWebhook {
  url: string;
  description: string;
  format: string;
  minSeverity: string | null;
  concurrency: number;
  ratePerSecond: number | null;
  operator: boolean;
}

export function blankWebhook(): WebhookDraft {
  return {
    ...{ url: '', description: '', format: 'generic', minSeverity: '', concurrency: '', ratePerSecond: '' },
    ...{ operator: false, desk: false, headers: '', username: '', password: '' },
  };
}

export function webhookDraftOf(webhook: StoredWebhook): WebhookDraft {
  const { url, description, format, minSeverity, concurrency, ratePerSecond, operator } = webhook;
  return {
    ...blankWebhook(),
    ...{ url, description, format, operator, minSeverity: minSeverity ?? '', concurrency: String(concurrency) },
    ratePerSecond: ratePerSecond === null ? '' : String(ratePerSecond),
  };
}

/** What POST takes. @param isOperator others may not name `desk` and `operator` */
export function creationOf(draft: WebhookDraft, isOperator: boolean): Record<string, unknown> {
  return {
    ...commonOf(draft),
    url: draft.url.trim(),
    ...(draft.concurrency !== '' && { concurrency: Number(draft.concurrency) }),
    ...(isOperator && { operator: draft.operator, desk: draft.desk }),
    ...secretsOf(draft),
  };
}

/** What PATCH takes: the fields that differ. Headers are never shown, so empty fields keep them. */
export function changeOf(stored: StoredWebhook, draft: WebhookDraft, isOperator: boolean): Record<string, unknown> {
  const before = webhookDraftOf(stored);
  const after = {
    ...commonOf(draft),
    url: draft.url.trim(),
    concurrency: Number(draft.concurrency),
    ...(isOperator && { operator: draft.operator }),
  };
  const changed = Object.entries(after).filter(
    ([name]) => before[name as keyof WebhookDraft] !== draft[name as keyof WebhookDraft],
  );
  return { ...Object.fromEntries(changed), ...secretsOf(draft) };
}

function commonOf({ description, format, minSeverity, ratePerSecond }: WebhookDraft) {
  return {
    ...{ description, format },
    minSeverity: minSeverity === '' ? null : minSeverity,
    ratePerSecond: ratePerSecond === '' ? null : Number(ratePerSecond),
  };
}

function secretsOf({ headers, username, password }: WebhookDraft): Record<string, unknown> {
  const lines = headers.split('\n').filter((line) => line.trim() !== '');
  const pairs = lines.map((line) => {
    const [name, ...value] = line.split(':');
    return [name!.trim(), value.join(':').trim()] as const;
  });
  return {
    ...(pairs.length > 0 && { headers: Object.fromEntries(pairs) }),
    ...(username !== '' && { basicAuth: { username, password } }),
  };
}
