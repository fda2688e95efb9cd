import { createHash } from 'node:crypto';
import { startTestApp, type TestApp } from '../setup/test-app.js';

describe('Every answer', () => {
  let desk: TestApp;

  beforeAll(async () => {
    desk = await startTestApp({
      env: { HTTP_CORS_ORIGINS: 'https://desk.example', METRICS_TOKEN: 'metrics-token-of-this-spec' },
    });
  });

  afterAll(() => desk.close());

  describe('answers', () => {
    it('answers have security headers and do not name the server software', async () => {
      const { headers } = await desk.request('GET', '/health/live');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.has('x-powered-by')).toBe(false);
      expect(headers.has('server')).toBe(false);
    });

    it('the console runs scripts of files alone, which a browser keeps for ever', async () => {
      const { body, headers } = await desk.request('GET', '/alerts/1?severity=critical');
      expect(/script-src ([^;]*)/.exec(headers.get('content-security-policy')!)![1]).toBe("'self'");
      expect(headers.get('cache-control')).toBe('no-cache');
      expect(body).not.toMatch(/<script(?![^>]* src=)/);
      const [, source] = /<script[^>]* src="([^"]+)"/.exec(body)!;
      const script = await desk.request('GET', source!);
      expect(script.headers.get('content-type')).toContain('javascript');
      expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    });

    it.each(['/alertsx', '/assets/none.js', '/console', '/plain/1'])('%s is no page', async (path) => {
      const { status, headers } = await desk.request('GET', path);
      expect([status, headers.get('content-type')]).toEqual([404, expect.stringContaining('problem+json')]);
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    });

    it('the content security policy allows only the inline script of the plain page, by hash', async () => {
      const { body, headers } = await desk.request('GET', '/plain');
      const policy = headers.get('content-security-policy')!;
      const scripts = [...body.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, script]: any) => script);
      expect(scripts.length).toBeGreaterThan(0);
      for (const script of scripts)
        expect(policy).toContain(`'sha256-${createHash('sha256').update(script).digest('base64')}'`);
      expect(/script-src[^;]*/.exec(policy)![0]).not.toContain('unsafe');
      expect(body).not.toMatch(/\son\w+=["']/);
      expect(body).toContain('data-base-path=""');
      expect(body).toContain('src="/socket.io/socket.io.js"');
    });

    it('CORS allows only configured origins', async () => {
      const ask = async (origin: string) =>
        (await desk.request('GET', '/health/live', { headers: { origin } })).headers.get('access-control-allow-origin');
      expect(await ask('https://desk.example')).toBe('https://desk.example');
      expect(await ask('https://evil.example')).toBeNull();
    });

    it('long answers are compressed and short ones are not', async () => {
      const encoding = async (path: string) =>
        (await fetch(new URL(path, desk.url), { headers: { 'accept-encoding': 'gzip' } })).headers.get(
          'content-encoding',
        );
      expect(await encoding('/openapi.json')).toBe('gzip');
      expect(await encoding('/health/live')).toBeNull();
    });
  });

  describe('metrics', () => {
    const metrics = async () =>
      (
        await desk.request<string>('GET', '/metrics', {
          headers: { authorization: 'Bearer metrics-token-of-this-spec' },
        })
      ).body;

    it('requests are counted by route template, and unknown paths under one label', async () => {
      const id = '00000000-0000-7000-8000-000000000000';
      await desk.request('GET', `/v1/portfolios/${id}`);
      for (let i = 0; i < 20; i++) await desk.request('GET', `/scan-${i}`);
      const text = await metrics();
      expect(text).toMatch(/http_requests_total\{method="GET",route="\/v1\/portfolios\/:\w+",status="401"\} [1-9]/);
      expect(text).toMatch(/http_requests_total\{method="GET",route="unknown",status="404"\} (2\d|[3-9]\d)/);
      expect(text).toMatch(/http_route_seconds_total\{route="unknown"\} \d+\.\d/);
      expect(text).toMatch(/http_request_duration_seconds_bucket\{le="0.005",class="read"\}/);
      expect(text).toMatch(/nodejs_eventloop_lag_p99_seconds/);
      expect(text).not.toContain('scan-');
      expect(text).not.toContain(id);
    });

    it('only the current request is in flight after all others are answered', async () => {
      expect(await metrics()).toMatch(/^http_requests_in_flight 1$/m);
    });

    it('only METRICS_TOKEN may read the metrics', async () => {
      expect((await desk.request('GET', '/metrics')).status).toBe(401);
      expect((await desk.request('GET', '/metrics', { headers: { authorization: 'Bearer wrong' } })).status).toBe(401);
    });
  });

  describe('probes', () => {
    it('health probes report live, ready and the phases of the start', async () => {
      expect(await desk.request('GET', '/health/live')).toMatchObject({ status: 200, body: { status: 'up' } });
      expect(await desk.request('GET', '/health/ready')).toMatchObject({
        status: 200,
        body: { status: 'ready', reasons: {} },
      });
      const { body } = await desk.request('GET', '/health/startup');
      expect(body).toMatchObject({
        phase: 'ready',
        steps: expect.arrayContaining([expect.objectContaining({ phase: 'connect', at: expect.any(String) })]),
      });
    });
  });
});
