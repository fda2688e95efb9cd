import { sessionConnection } from './session-settings.js';

describe('sessionConnection', () => {
  it('session settings are sent as options of the start-up packet, and a plain URL stays unchanged', () => {
    const url = 'postgres://desk:p%3Fw@db.example:5432/desk?sslmode=require';
    const { connectionString, options } = sessionConnection(url);
    expect(connectionString).toBe(url);
    expect(options).toContain('-c TimeZone=UTC');
    expect(options).toContain(String.raw`-c default_transaction_isolation=read\ committed`);
  });

  it('settings of one connection override the common ones', () => {
    const { options } = sessionConnection('postgres://db/desk', { statement_timeout: '5000' });
    expect(options.match(/statement_timeout=\S+/g)).toEqual(['statement_timeout=5000']);
  });

  it('options of a URL come first, because pg would let them replace the session settings', () => {
    const { connectionString, options } = sessionConnection(
      'postgres://db/desk?options=-c%20search_path%3Ddesk%20-c%20TimeZone%3DJapan&sslmode=require',
    );
    expect(connectionString).toBe('postgres://db/desk?sslmode=require');
    expect(options.startsWith('-c search_path=desk -c TimeZone=Japan -c ')).toBe(true);
    expect(options.lastIndexOf('TimeZone=UTC')).toBeGreaterThan(options.indexOf('TimeZone=Japan'));
  });
});
