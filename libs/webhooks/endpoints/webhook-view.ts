import type { WebhookJson } from './webhook.dto.js';
import type { WebhookEndpoint } from './webhook-endpoint.js';

export function webhookJson(endpoint: WebhookEndpoint): WebhookJson {
  const { stateSince, failingSince, probeAt, createdAt, updatedAt, ...rest } = endpoint;
  return {
    ...rest,
    stateSince: stateSince.toISOString(),
    failingSince: failingSince?.toISOString() ?? null,
    probeAt: probeAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}
