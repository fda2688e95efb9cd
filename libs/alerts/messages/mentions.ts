const ZERO_WIDTH = '\u200b';

/** Text in which `@everyone`, `@here` and `@channel` notify nobody: a zero-width space follows the @. */
export function withoutCalls(text: string): string {
  return text.replace(/@(?=everyone|here|channel)/gi, `@${ZERO_WIDTH}`);
}

/** Slack's three control characters as entities: `<!channel>`, `<@U1>` and `<url|text>` become plain text. */
export function slackText(text: string): string {
  return withoutCalls(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Discord's markdown and mentions as plain text. */
export function discordText(text: string): string {
  return withoutCalls(text)
    .replace(/[\\*_~`|[\]]/g, '\\$&')
    .replace(/<(?=[@#:/])/g, `<${ZERO_WIDTH}`)
    .replace(/^([#>]|-#)/gm, '\\$1');
}

/** Text in which `@name` notifies nobody in Telegram. An e-mail address stays as it is. */
export function withoutTelegramMentions(text: string): string {
  return text.replace(/(?<![\p{L}\p{N}_.+-])@(?=\w)/gu, `@${ZERO_WIDTH}`);
}
