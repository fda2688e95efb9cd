import { z } from 'zod';
import { publishSchemas } from '#schemas';
import { pageQuery } from '#http';
import { wireText } from '#text';
import { roleSchema, rolesSchema } from '../auth.dto.js';
import type { ApiKey } from './api-keys.repository.js';

const DAYS = 'a whole number of days from 1 to 1825';

export const newApiKeySchema = z.strictObject({
  name: wireText(100),
  roles: rolesSchema,
  expiresInDays: z.int({ error: DAYS }).min(1, { error: DAYS }).max(1825, { error: DAYS }).default(365),
});
export type NewApiKeyBody = z.output<typeof newApiKeySchema>;

export const apiKeyIdSchema = z.uuid({ error: 'the id of an API key' });

export const apiKeySchema = z.object({
  id: z.uuid(),
  name: z.string(),
  prefix: z.string(),
  roles: z.array(roleSchema),
  createdAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().nullable(),
  expiresAt: z.iso.datetime(),
});
export type ApiKeyView = z.output<typeof apiKeySchema>;

export const createdApiKeySchema = apiKeySchema.extend({
  key: z.string().meta({ description: 'The key itself, returned only now. Send it as Authorization: Bearer.' }),
});

export const apiKeysQuerySchema = z.strictObject(pageQuery());
export const apiKeysSchema = z.object({ items: z.array(apiKeySchema) });

export function apiKeyView(key: ApiKey): ApiKeyView {
  return {
    id: key.id,
    name: key.name,
    prefix: key.prefix,
    roles: key.roles,
    createdAt: key.createdAt.toISOString(),
    lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
    expiresAt: key.expiresAt.toISOString(),
  };
}

publishSchemas({
  ApiKey: apiKeySchema,
  ApiKeyList: apiKeysSchema,
  CreatedApiKey: createdApiKeySchema,
  NewApiKey: newApiKeySchema,
});
