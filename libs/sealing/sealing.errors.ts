import { defineErrors } from '#errors';

const sealingError = defineErrors({
  SEALING_CANNOT_OPEN: {
    kind: 'internal',
    meaning: 'A sealed value was altered or moved, or its key is missing or retired. The message names a missing key.',
    fix: 'Configure every key that was used before. `deskwire secrets status` lists the keys that values need.',
  },
  SEALING_KEY_REFUSED: {
    kind: 'internal',
    meaning: 'An encryption key does not have 32 bytes.',
    fix: 'Create one with `openssl rand -base64 32`.',
  },
});

/** Never names the failed check, so an attacker with write access to the table learns nothing from it. */
export const cannotOpen = (kid?: string) =>
  sealingError(
    'SEALING_CANNOT_OPEN',
    'A sealed value could not be opened: it was altered or moved, or its key is missing. Check that every key used before is configured.',
    { extra: kid === undefined ? {} : { kid } },
  );

/** The id is part of the value, so naming it reveals nothing about the key. */
export const keyUnknown = (kid: string, configured: readonly string[]) =>
  sealingError(
    'SEALING_CANNOT_OPEN',
    `A sealed value needs the key ${kid}, which is retired or was never configured (configured: ${configured.join(', ')}). ` +
      'Add it to the earlier keys and run `deskwire secrets rewrap`, or store the value again.',
    { extra: { kid } },
  );

export const keyRefused = () =>
  sealingError(
    'SEALING_KEY_REFUSED',
    'An encryption key must be 32 bytes, written as 64 hexadecimal or 44 base64 characters. Create one with: openssl rand -base64 32',
  );
