import { z } from 'zod';
import { jsonObject, jsonValue, publishSchemas } from '#schemas';
import { BY_ID, brokerName, wireList, wireOrder, wireText } from '#text';
import { timestamp } from '#time';
import { pageOf, pageQuery } from '#http';
import { detailIssue } from './session-details.js';
import { LOGIN_METHODS, SESSION_STATES } from './trading-session.entity.js';

const EARLIEST = Date.UTC(2000, 0);
const LATEST = Date.UTC(2200, 0);

const details = z.record(z.string(), jsonValue, { error: 'a JSON object' }).superRefine((value, context) => {
  const issue = detailIssue(value);
  if (issue !== undefined) context.addIssue({ code: 'custom', path: issue.path, message: issue.allowed });
});

export const putSessionSchema = z
  .strictObject({
    broker: brokerName,
    account: wireText(64).describe('Account at the broker, as the broker writes it'),
    accessToken: wireText(8192).describe('Stored encrypted; never returned'),
    feedToken: wireText(8192)
      .optional()
      .describe(
        'A second token, for the market data of brokers that have one. Stored encrypted; never returned. A save without it removes it',
      ),
    loginMethod: z.enum(LOGIN_METHODS, { error: `one of ${LOGIN_METHODS.join(', ')}` }),
    expiresAt: timestamp
      .refine((value) => Date.parse(value) >= EARLIEST && Date.parse(value) < LATEST, {
        error: 'a time in the years 2000 to 2199',
      })
      .describe('Stored with millisecond precision'),
    details: details
      .default({})
      .describe('Any other data about the session, but no secrets: at most 16 KiB and 8 levels'),
  })
  .refine(
    ({ accessToken, feedToken = accessToken, account, details: given }) =>
      [accessToken, feedToken].every((token) => !holds(given, token) && account !== token),
    {
      path: ['details'],
      error: 'no secret: a token was found outside of accessToken and feedToken',
      when: ({ issues }) => issues.length === 0,
    },
  );
export type PutSession = z.output<typeof putSessionSchema>;

export const sessionOrder = wireOrder(
  { createdAt: BY_ID, updatedAt: timestamp, expiresAt: timestamp, broker: brokerName },
  'createdAt',
);
export const sessionsQuerySchema = z
  .strictObject({
    userId: wireList(z.uuid({ error: 'the id of a user' }).toLowerCase())
      .optional()
      .describe('Sessions of these users. Only operators may name another user.'),
    broker: wireList(brokerName).optional(),
    state: wireList(z.enum(SESSION_STATES, { error: `one of ${SESSION_STATES.join(', ')}` })).optional(),
    sort: sessionOrder.sort,
    ...pageQuery(sessionOrder.key(z.uuid())),
  })
  .refine(...sessionOrder.sameOrder);
export type SessionsQuery = z.output<typeof sessionsQuerySchema>;

export const sessionIdSchema = z.uuid({ error: 'the id of a session' });

export const sessionSchema = z.object({
  id: z.uuid(),
  userId: z.uuid(),
  broker: z.string(),
  account: z.string(),
  loginMethod: z.enum(LOGIN_METHODS),
  state: z.enum(SESSION_STATES),
  isActive: z.boolean().describe('Whether the session holds a token that has not expired'),
  tokenEpoch: z.number().int().describe('Number of tokens that this session has had'),
  expiresAt: z.iso.datetime(),
  details: jsonObject,
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type SessionView = z.output<typeof sessionSchema>;

export const savedSessionSchema = sessionSchema.extend({
  outcome: z.enum(['opened', 'token_changed', 'updated', 'unchanged']).describe('Result of this call'),
});
export type SavedSession = z.output<typeof savedSessionSchema>;

export const sessionsPageSchema = pageOf(sessionSchema);
export type SessionsPage = z.output<typeof sessionsPageSchema>;

/** Tokens of fewer than 8 characters occur in any text by chance, so they are not searched for. */
function holds(given: Record<string, unknown>, token: string): boolean {
  return token.length >= 8 && JSON.stringify(given).includes(JSON.stringify(token).slice(1, -1));
}

publishSchemas({
  LoginMethod: sessionSchema.shape.loginMethod,
  NewSession: putSessionSchema,
  SavedSession: savedSessionSchema,
  Session: sessionSchema,
  SessionPage: sessionsPageSchema,
  SessionState: sessionSchema.shape.state,
});
