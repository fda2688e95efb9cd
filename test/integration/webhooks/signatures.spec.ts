import { createHmac, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { signatureHeaders } from '../../../libs/webhooks/webhook-exchange.js';

interface Vectors {
  sign: { secret: string; id: string; timestamp: number; payload: string; signature: string }[];
  verify: {
    name: string;
    secret: string;
    payload: string;
    headers: Record<string, string>;
    now: number;
    valid: boolean;
  }[];
}
const folder = process.env['DESKWIRE_DATA_DIR'];
const path = folder && join(folder, 'webhooks', 'standard_webhooks_vectors.json');
const vectors = path && existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Vectors) : undefined;

/** Verifies like a receiver with the library, at a given time. */
function verifies(secret: string, body: string, headers: Record<string, string>, atSeconds: number): boolean {
  const clock = Date.now;
  try {
    Date.now = () => atSeconds * 1_000;
    new Webhook(secret).verify(body, headers, { jsonParse: false });
    return true;
  } catch {
    return false;
  } finally {
    Date.now = clock;
  }
}
const newSecret = () => `whsec_${randomBytes(32).toString('base64')}`;

const describeVectors = vectors ? describe : describe.skip;
describeVectors(`the vectors of Standard Webhooks${vectors ? '' : ' (skipped: DESKWIRE_DATA_DIR is unset)'}`, () => {
  it('signed messages have the expected signatures', () => {
    for (const { secret, id, timestamp, payload, signature } of vectors!.sign) {
      expect(signatureHeaders([new Webhook(secret)], id, new Date(timestamp * 1_000), payload)).toEqual({
        'webhook-id': id,
        'webhook-timestamp': String(timestamp),
        'webhook-signature': signature,
      });
    }
  });

  it.each(vectors?.verify ?? [])('$name', ({ secret, payload, headers, now, valid }) => {
    expect(verifies(secret, payload, headers, now)).toBe(valid);
  });
});

describe('a signed message', () => {
  it('verifies by the library and by the specification for 10,000 bodies, and never if altered', () => {
    const secret = newSecret();
    const [signer, key] = [new Webhook(secret), Buffer.from(secret.slice(6), 'base64')];
    const at = new Date(1_780_000_000_000);
    const clock = Date.now;
    Date.now = () => at.getTime();
    try {
      for (let n = 0; n < 10_000; n += 1) {
        const body =
          n % 3 === 0
            ? JSON.stringify({ n, text: 'é🔑\u0000 ' + randomBytes(n % 97).toString('latin1') })
            : randomBytes(n % 211).toString('base64');
        const headers = signatureHeaders([signer], `msg_${n}`, at, body);
        signer.verify(body, headers, { jsonParse: false });
        const expected = createHmac('sha256', key)
          .update(`msg_${n}.${headers['webhook-timestamp']}.${body}`)
          .digest('base64');
        if (headers['webhook-signature'] !== `v1,${expected}`)
          throw new Error(`body ${n} is signed differently from the specification`);
        if (verifies(secret, `${body} `, headers, at.getTime() / 1_000))
          throw new Error(`body ${n} is accepted with a space more`);
      }
    } finally {
      Date.now = clock;
    }
  });

  it('a signed message is accepted up to 300 s before and after its timestamp', () => {
    const secret = newSecret();
    const headers = signatureHeaders([new Webhook(secret)], 'msg_1', new Date(1_780_000_000_000), '{}');
    const at = (offset: number) => verifies(secret, '{}', headers, 1_780_000_000 + offset);
    expect([-301, -300, 0, 300, 301].map(at)).toEqual([false, true, true, true, false]);
  });

  it('verifies with the old and the new secret during a rotation, newest first', () => {
    const [old, now, stranger] = [newSecret(), newSecret(), newSecret()];
    const headers = signatureHeaders([new Webhook(now), new Webhook(old)], 'msg_1', new Date(1_780_000_000_000), '{}');
    expect([old, now, stranger].map((secret) => verifies(secret, '{}', headers, 1_780_000_000))).toEqual([
      true,
      true,
      false,
    ]);
    expect(headers['webhook-signature']!.split(' ')[0]).toBe(
      new Webhook(now).sign('msg_1', new Date(1_780_000_000_000), '{}'),
    );
  });
});
