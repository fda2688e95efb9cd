import { sessionConnection } from './session-settings.js';

describe('sessionConnection', () => {
  it('sends the session settings as options of the start-up packet and leaves a plain URL as it is', () => {
    const url = 'postgres://desk:p%3Fw@db.example:5432/desk?sslmode=require';
    const { connectionString, options } = sessionConnection(url);
    expect(connectionString).toBe(url);
    expect(options).toContain('-c TimeZone=UTC');
    expect(options).toContain(String.raw`-c default_transaction_isolation=read\ committed`);
  });

  it('lets the settings of one connection win over the common ones', () => {
    const { options } = sessionConnection('postgres://db/desk', { statement_timeout: '5000' });
    expect(options.match(/statement_timeout=\S+/g)).toEqual(['statement_timeout=5000']);
  });

  it('keeps the options of a URL, before ours: pg would let them replace ours', () => {
    const { connectionString, options } = sessionConnection(
      'postgres://db/desk?options=-c%20search_path%3Ddesk%20-c%20TimeZone%3DJapan&sslmode=require',
    );
    expect(connectionString).toBe('postgres://db/desk?sslmode=require');
    expect(options.startsWith('-c search_path=desk -c TimeZone=Japan -c ')).toBe(true);
    expect(options.lastIndexOf('TimeZone=UTC')).toBeGreaterThan(options.indexOf('TimeZone=Japan'));
  });
});
