import type { DemoLogin } from '../demo/demo-accounts.js';

export interface Welcome {
  url: string;
  home: string;
  databaseUrl: string;
  embedded: boolean;
  production: boolean;
  admin: { email: string; oneTimePassword: string | undefined } | undefined;
  logins: readonly DemoLogin[];
}

/** The text printed when the desk is ready. It contains no secret except one-time and demo passwords. */
export function welcome(facts: Welcome): string {
  const { url, home, databaseUrl, embedded, production, admin, logins } = facts;
  const lines = [`Deskwire is ready in ${process.uptime().toFixed(1)} s.`, ''];
  lines.push(
    `  Console     ${url}/`,
    `  API         ${url}/docs   (${url}/openapi.json, ${url}/asyncapi.json)`,
    `  Metrics     ${url}/metrics`,
    `  Health      ${url}/health`,
    ...(production ? [] : [`  Home        ${home}`]),
    `  Database    ${withoutPassword(databaseUrl)}${embedded ? '   (embedded PostgreSQL; password in postgres.json of the home)' : ''}`,
  );
  if (admin) {
    lines.push('', `  First admin  ${admin.email}`);
    lines.push(
      admin.oneTimePassword
        ? `  Password     ${admin.oneTimePassword}   (shown only once; \`deskwire users reset ${admin.email}\` makes another)`
        : '  Password     the value of ADMIN_PASSWORD',
    );
  }
  if (logins.length > 0) {
    lines.push(
      '',
      '  Demo desk with generated data (off: DESKWIRE_DEMO=false; remove it: deskwire demo clear). Sign in as:',
    );
    const widths = [0, 1].map((column) =>
      Math.max(...logins.map((login) => [login.email, login.role][column]!.length)),
    );
    for (const { email, password, role } of logins)
      lines.push(`    ${email.padEnd(widths[0]!)}  ${role.padEnd(widths[1]!)}  ${password}`);
  }
  return `\n${lines.join('\n')}\n`;
}

export function withoutPassword(databaseUrl: string): string {
  try {
    const url = new URL(databaseUrl);
    url.password = '';
    return url.href;
  } catch {
    return '(DATABASE_URL)';
  }
}
