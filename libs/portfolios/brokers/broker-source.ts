import { z } from 'zod';
import { EXPORT_FORMATS, type ExportFormat } from '../exports/export-reading.js';

/** Where a broker answers the positions of the account whose token is sent. */
export interface BrokerSource {
  broker: string;
  format: ExportFormat;
  /** Documents of one account, such as positions and holdings. */
  urls: string[];
}

const EXAMPLE = 'zerodha=kite https://api.kite.trade/portfolio/positions';
const ENTRY = /^([a-z][a-z0-9_-]{0,31})=([a-z-]+)((?:\s+https?:\/\/\S+){1,4})$/;

/** A setting: `BROKER=FORMAT URL [URL..]`, comma-separated. */
export function brokerSources(): z.ZodType<BrokerSource[]> {
  return z
    .string()
    .default('')
    .transform((text, context) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter(Boolean)
        .map((part): BrokerSource => {
          const [, broker = '', format = '', urls = ''] = ENTRY.exec(part) ?? [];
          if (
            !(EXPORT_FORMATS as readonly string[]).includes(format) ||
            !urls
              .trim()
              .split(/\s+/)
              .every((url) => URL.canParse(url))
          ) {
            context.issues.push({
              code: 'custom',
              input: part,
              message: `BROKER=FORMAT URL, comma-separated, such as ${EXAMPLE}; the formats are ${EXPORT_FORMATS.join(', ')}`,
            });
            return z.NEVER;
          }
          return { broker, format: format as ExportFormat, urls: urls.trim().split(/\s+/) };
        }),
    ) as unknown as z.ZodType<BrokerSource[]>;
}

/** RFC 9110, section 5.5. */
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * The Authorization header for a broker.
 * @param templates `BROKER=TEXT` with `{token}`, comma-separated. Default: `Bearer {token}`
 * @returns undefined if the token has characters that no header can have
 */
export function authorizationFor(broker: string, token: string, templates = ''): string | undefined {
  const template = templates
    .split(',')
    .map((part) => part.trim())
    .find((part) => part.startsWith(`${broker}=`))
    ?.slice(broker.length + 1);
  const header = (template ?? 'Bearer {token}').replaceAll('{token}', () => token);
  return FIELD_VALUE.test(header) ? header : undefined;
}
