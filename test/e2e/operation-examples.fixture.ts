import { eventually } from '../setup/eventually.js';
import type { OperationsDesk } from './operations-desk.fixture.js';

/** Sends one request to each operation of users, rules, feeds and webhooks. Ids that others need are returned. */
export async function sendDeskExamples(desk: OperationsDesk): Promise<void> {
  await people(desk);
  await alerting(desk);
  await state(desk);
}

async function people(desk: OperationsDesk): Promise<void> {
  const { trader } = desk.logins;
  const as = 'admin';
  await desk.send('authLogin', { as: 'nobody', body: { email: trader.email, password: trader.password } });
  await desk.send('authMe');
  await desk.send('catalogueShow');
  const leaver = await desk.desk.login('trader');
  await desk.send('authRefresh', { as: 'nobody', body: { refreshToken: leaver.refreshToken } });
  await desk.send('authLogout', { as: leaver });
  const changed = await desk.desk.login('trader');
  await desk.send('authChangePassword', {
    as: changed,
    body: { currentPassword: changed.password, newPassword: 'a new horse for the battery', endApiKeys: true },
  });
  const body = { name: 'Nightly report', roles: ['viewer'], expiresInDays: 90 };
  const key = await desk.send('apiKeysCreate', { body, headers: { 'idempotency-key': 'report-key' } });
  await desk.send('apiKeysList');
  await desk.send('apiKeysGet', { path: { id: key.id } });
  await desk.send('apiKeysRevoke', { path: { id: key.id } });
  const user = await desk.send('usersAdd', {
    as,
    body: { email: 'asha@desk.example', displayName: 'Asha Rao', roles: ['trader'] },
  });
  await desk.send('usersList', { as, query: { limit: '2' } });
  await desk.send('usersGet', { as, path: { id: user.id } });
  await desk.send('usersChange', { as, path: { id: user.id }, body: { displayName: 'Asha R. Rao' } });
  await desk.send('usersReset', { as, path: { id: user.id }, body: {} });
  const several = await desk.desk.login('trader');
  const again = () =>
    desk.send('authLogin', { as: 'nobody', body: { email: several.email, password: several.password } });
  await again();
  const own = await desk.send('ownLoginsList', { as: several });
  await desk.send('ownLoginsEnd', { as: several, path: { loginId: own.items[0].id } });
  await again();
  await desk.send('ownLoginsEndOthers', { as: several });
  const guest = await desk.desk.login('trader');
  const keys = [1, 2].map((n) => desk.send('apiKeysCreate', { as: guest, body: { ...body, name: `Report ${n}` } }));
  const [first] = await Promise.all(keys);
  const path = { id: guest.userId };
  await desk.send('userAccessKeys', { as, path });
  const { items } = await desk.send('userAccessLogins', { as, path });
  await desk.send('userAccessEndKey', { as, path: { ...path, keyId: first.id } });
  await desk.send('userAccessEndKeys', { as, path });
  await desk.send('userAccessEndLogin', { as, path: { ...path, loginId: items[0].id } });
  await desk.send('userAccessEndLogins', { as, path });
  await desk.send('auditList', { as, query: { action: 'api_key_revoked', limit: '2' } });
}

/** From a feed over an event to an alert, and its message to a webhook. */
async function alerting(desk: OperationsDesk): Promise<void> {
  const as = 'operator';
  const webhook = await desk.send('webhooksCreate', {
    as,
    body: { url: desk.receiver.url, description: 'Desk channel', desk: true, minSeverity: 'warning' },
  });
  const path = { id: webhook.id };
  desk.receiver.secrets = [webhook.secret];
  const rule = await desk.send('alertRulesCreate', {
    as,
    body: {
      name: 'News of the desk',
      scope: 'desk',
      severity: 'warning',
      condition: {
        all: [
          { op: 'equals', field: 'type', value: 'NewsPublished' },
          { op: 'contains', field: 'payload.title', value: 'item' },
        ],
      },
      channels: [webhook.id],
      quietHours: { timeZone: 'Asia/Kolkata', windows: [{ days: ['sun'], from: '00:00', to: '06:00' }] },
      dedupe: { windowSeconds: 300, by: ['payload.link'] },
      message: { title: 'News: {payload.title}' },
    },
  });
  const feed = await desk.send('feedsCreate', {
    as,
    body: { name: 'Wire', kind: 'rss', url: `${desk.servers.origin}/rss`, cadenceMs: 3_600_000, alertOnFirst: 2 },
  });
  const [alert] = await eventually(async () => {
    const { items } = JSON.parse((await desk.ask('alertsList', { as })).text);
    expect(items.length).toBeGreaterThan(0);
    return items;
  });
  const [delivery] = await eventually(async () => {
    const { items } = JSON.parse((await desk.ask('deliveriesList', { as, query: { status: 'delivered' } })).text);
    expect(items.length).toBeGreaterThan(0);
    return items;
  });
  await desk.send('alertsList', { as, query: { acknowledged: 'false', limit: '1' } });
  await desk.send('alertsGet', { as, path: { id: alert.id } });
  await desk.send('alertsAcknowledgeMany', { as, body: { ids: [alert.id] } });
  await desk.send('alertsAcknowledge', { as, path: { id: alert.id } });
  await desk.send('alertRulesList', { as, query: { limit: '1' } });
  await desk.send('alertRulesGet', { as, path: { id: rule.id } });
  await desk.send('alertRulesChange', { as, path: { id: rule.id }, body: { severity: 'critical' } });
  const silence = await desk.send('alertSilencesCreate', {
    as,
    body: { ruleId: rule.id, until: new Date(Date.now() + 3_600_000).toISOString(), reason: 'Earnings call' },
  });
  const ofSilence = { as: 'operator' as const, path: { id: silence.id } };
  await desk.send('alertSilencesList', { as, query: { state: 'active', limit: '1' } });
  await desk.send('alertSilencesGet', ofSilence);
  await desk.send('alertSilencesChange', { ...ofSilence, body: { reason: 'Earnings call of Helio' } });
  await desk.send('alertSilencesRemove', ofSilence);
  await desk.send('alertRulesTest', { as, body: { ruleId: rule.id, events: 100 } });
  await desk.send('eventsList', { as, query: { type: 'NewsPublished', limit: '1' } });
  await desk.send('eventsGet', { as, path: { id: alert.eventId } });
  await desk.send('deliveriesList', { as, query: { status: 'delivered', limit: '1' } });
  await desk.send('deliveriesGet', { as, path: { id: delivery.id } });
  await desk.send('deliveriesRetry', { as, path: { id: delivery.id } });
  await desk.send('deliveriesRetryMany', { as, body: { ids: [delivery.id] } });
  await desk.send('feedsList', { as: 'viewer' });
  await desk.send('feedsGet', { as: 'viewer', path: { id: feed.id } });
  await desk.send('feedsCycles', { as: 'viewer', path: { id: feed.id }, query: { outcome: 'fresh', limit: '1' } });
  await desk.send('feedsChange', { as, path: { id: feed.id }, body: { cadenceMs: 1_800_000 } });
  await desk.send('feedsRun', { as, path: { id: feed.id } });
  await desk.send('webhooksList', { as, query: { limit: '1' } });
  await desk.send('webhooksGet', { as, path });
  await desk.send('webhooksChange', { as, path, body: { ratePerSecond: 5 } });
  await desk.send('webhooksTest', { as, path });
  await desk.send('webhooksRotate', { as, path });
  await desk.send('webhooksReplay', {
    as,
    path,
    body: { from: '2026-11-26T09:00:00+05:30', to: '2026-11-26T10:00:00+05:30' },
  });
  await desk.send('webhooksDeliveries', { as, path, query: { limit: '1' } });
  await desk.send('webhooksHealth', { as, path, query: { minutes: '5' } });
  await desk.send('webhooksPause', { as, path });
  await desk.send('webhooksEnable', { as, path });
  const other = await desk.send('feedsCreate', {
    as,
    body: { name: 'Unused', kind: 'rss', url: `${desk.servers.origin}/none`, enabled: false },
  });
  await desk.send('feedsRemove', { as, path: { id: other.id } });
  const condition = { op: 'equals', field: 'type', value: 'NewsRevised' };
  const spare = await desk.send('alertRulesCreate', { as, body: { name: 'Unused', severity: 'info', condition } });
  await desk.send('alertRulesRemove', { as, path: { id: spare.id } });
  const unused = await desk.send('webhooksCreate', { as, body: { url: desk.receiver.url } });
  await desk.send('webhooksRemove', { as, path: { id: unused.id } });
}

async function state(desk: OperationsDesk): Promise<void> {
  const as = 'operator';
  for (const id of ['breakersList', 'startupShow', 'tasksList', 'cachesList', 'limitsList', 'realtimeShow'])
    await desk.send(id, { as });
  await desk.send('replicationShow', { as });
  await desk.send('regionsList', { as: 'nobody', query: { lat: '19.07', lon: '72.87' } });
  // A check may not answer in time on a busy machine.
  await eventually(async () => expect((await desk.ask('getHealth', {})).status).toBe(200));
  for (const id of ['getHealth', 'getLiveness', 'getReadiness', 'getStartup', 'getMetrics'])
    await desk.send(id, { as: 'nobody' });
  await desk.send('dashboardShow', { query: { panels: 'portfolios,alerts' } });
  const filing = { path: { accession: '0001493152-25-027399' } };
  await desk.send('filingsList', { query: { form: '8-K', limit: '1' } });
  await desk.send('filingsFind', filing);
  await desk.send('filingsUsage', { as, query: { month: '2026-11' } });
  await desk.send('filingsTickers', { query: { ticker: 'HELO' } });
}
