import { removeRunFolder } from './run-folder.mjs';

export default async function teardown() {
  await globalThis.__deskwirePostgres?.stop();
  if (globalThis.__deskwireFolder) removeRunFolder(globalThis.__deskwireFolder);
}
