import { readFileSync } from 'node:fs';
import { envExample } from '#config';
import { configSlices } from '../../../apps/api/config-slices.js';

describe('.env.example', () => {
  it('is what the slices say: every key, its default and one line of meaning (write it with `deskwire config example > .env.example`)', () => {
    expect(readFileSync('.env.example', 'utf8')).toBe(envExample(configSlices));
  });
});
