import type { Lane } from '#deliveries';

/**
 * Errors after which an incoming webhook of Slack never works again: it was removed, or its channel or workspace is gone.
 * https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 */
const SLACK = new Set([
  ...['no_service', 'no_service_id', 'no_active_hooks', 'no_team', 'team_disabled', 'invalid_token'],
  ...['channel_not_found', 'channel_is_archived'],
]);

/** Unknown Channel, Unknown Webhook, Invalid Webhook Token. https://discord.com/developers/docs/topics/opcodes-and-status-codes */
const DISCORD = new Set([10_003, 10_015, 50_027]);

/** The bot was removed from the chat, or the chat does not exist. A bot token that was revoked answers 401 or 404. */
const TELEGRAM_CHAT =
  /chat not found|bot was (blocked|kicked)|user is deactivated|not a member|upgraded to a supergroup/i;

/**
 * The reason for which a receiver will never take a message again, in its own words. Undefined if a later attempt may succeed. Only
 * answers that the receiver documents count: a 404 of another service may be a wrong deployment.
 */
export function goneReason(format: Lane['format'], status: number, body: string): string | undefined {
  if (status === 410) return format === 'slack' && SLACK.has(body.trim()) ? body.trim() : 'HTTP 410';
  if (status < 400 || status > 499 || status === 429) return undefined;
  switch (format) {
    case 'slack':
      return SLACK.has(body.trim()) ? body.trim() : undefined;
    case 'discord': {
      const { code, message } = jsonOf(body);
      return DISCORD.has(Number(code)) ? String(message ?? code).slice(0, 100) : undefined;
    }
    case 'telegram': {
      const { ok, description } = jsonOf(body);
      if (ok !== false) return undefined;
      const isGone = status === 401 || status === 404 || TELEGRAM_CHAT.test(String(description));
      return isGone ? String(description ?? status).slice(0, 100) : undefined;
    }
    case 'teams': {
      const { error } = jsonOf(body);
      const code = (error as { code?: unknown } | null | undefined)?.code;
      return code === 'WorkflowNotFound' ? code : undefined;
    }
    case 'generic':
    case 'text':
      return undefined;
  }
}

/** Telegram writes the pause of a 429 into the body. @returns ms */
export function pauseInBody(format: Lane['format'], body: string): number | undefined {
  if (format !== 'telegram') return undefined;
  const seconds = (jsonOf(body)['parameters'] as { retry_after?: unknown } | undefined)?.retry_after;
  return typeof seconds === 'number' && seconds > 0 && seconds < 86_400 ? Math.ceil(seconds * 1_000) : undefined;
}

function jsonOf(body: string): Record<string, unknown> {
  try {
    const content: unknown = JSON.parse(body);
    return typeof content === 'object' && content !== null ? (content as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
