/** The oldest Node with the functions that the libs import (`tls.getCACertificates`, `Promise.withResolvers`). */
const OLDEST = [22, 15] as const;

/** Ends the process with an instruction before an import of a missing function fails. */
export function requireNodeVersion(): void {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return;
  process.stderr.write(
    `Deskwire needs Node ${OLDEST.join('.')} or later; this is ${process.versions.node}.\n` +
      'npm scripts use the Node 24 in node_modules: run `npm start`, `npm run -s deskwire -- <command>` or `npx node <file>`.\n',
  );
  process.exit(1);
}
