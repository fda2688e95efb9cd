import type { Answer } from '@deskwire/client';
import { Badge, bytesText, durationText, Empty, Sheet, Time, type Tone } from '../ui/index.js';
import { type Health, useHealth, usePolled } from './polled.js';

const HEALTH_TONE: Record<string, Tone> = { up: 'good', degraded: 'warn', down: 'bad' };

export function HealthTab() {
  const health = useHealth();
  const startup = usePolled('/v1/system/startup');
  const usage = usePolled('/v1/filings/usage');
  const sockets = usePolled('/v1/system/realtime');
  return (
    <div className="system-grid">
      <Sheet
        title="Parts"
        actions={health.data && <Badge tone={HEALTH_TONE[health.data.status] ?? 'plain'}>{health.data.status}</Badge>}
      >
        <div className="sheet-body">
          {health.error && <Empty title="The desk does not answer." />}
          {health.data && <Parts checks={health.data.checks} />}
        </div>
      </Sheet>
      <Sheet
        title="Pools"
        actions={health.data?.checks['database'] && <PoolBadge database={health.data.checks['database']} />}
      >
        <div className="sheet-body">
          {health.data && (
            <Pools pools={health.data.checks['database']?.['pools'] as Record<string, PoolUse> | undefined} />
          )}
        </div>
      </Sheet>
      <Sheet
        title="Start-up"
        actions={
          startup.data && <Badge tone={startup.data.phase === 'ready' ? 'good' : 'warn'}>{startup.data.phase}</Badge>
        }
      >
        <div className="sheet-body">{startup.data && <StartUp report={startup.data} />}</div>
      </Sheet>
      <Sheet title="Sockets">
        <div className="sheet-body">{sockets.data && <Sockets state={sockets.data} />}</div>
      </Sheet>
      <Sheet title="Budget of summaries">
        <div className="sheet-body">{usage.data && <Budget usage={usage.data} />}</div>
      </Sheet>
    </div>
  );
}

function Parts({ checks }: Pick<Health, 'checks'>) {
  return Object.entries(checks).map(([name, { status, ...facts }]) => (
    <section className="part" key={name}>
      <h3 className="part-head">
        {wordsOf(name)} <Badge tone={HEALTH_TONE[status] ?? 'plain'}>{status}</Badge>
      </h3>
      {name !== 'database' && <Facts facts={facts} />}
    </section>
  ));
}

function Facts({ facts }: { facts: Record<string, unknown> }) {
  // Lists of parts have tabs of their own.
  const shown = Object.entries(facts).filter(([, value]) => typeof value !== 'object');
  return (
    <dl className="facts">
      {shown.map(([name, value]) => (
        <div className="key" key={name}>
          <dt>{wordsOf(name)}</dt>
          <dd>{String(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

function PoolBadge({ database }: { database: Health['checks'][string] }) {
  return database['readOnly'] === true ? <Badge tone="warn">read-only</Badge> : <Badge>read and write</Badge>;
}

interface PoolUse {
  inUse: number;
  idle: number;
  waiting: number;
  max: number;
}

/** What each pool serves. A pool that is not in this list is shown by its name. */
const POOL_WORDS: Readonly<Record<string, string>> = {
  app: 'reads and writes',
  analytics: 'snapshots',
  cut: 'live screens',
  replica: 'reads of the replica',
};

function Pools({ pools = {} }: { pools: Record<string, PoolUse> | undefined }) {
  return Object.entries(pools).map(([name, { inUse, idle, waiting, max }]) => (
    <section className="part" key={name}>
      <h3 className="part-head">
        {name} <small>{POOL_WORDS[name]}</small> {waiting > 0 && <Badge tone="warn">{waiting} waiting</Badge>}
      </h3>
      <p>
        {inUse} of {max} connections in use, {idle} idle, {waiting} requests waiting
      </p>
      <Meter share={max === 0 ? 0 : inUse / max} label={`Connections of the pool ${name} in use`} />
    </section>
  ));
}

/** How much of something is used. High use is a warning. */
export function Meter({ share, label }: { share: number; label: string }) {
  const percent = Math.round(Math.min(1, share) * 100);
  const tone = share >= 0.95 ? 'bad' : share >= 0.85 ? 'warn' : 'good';
  return (
    <span
      className="meter"
      data-tone={tone}
      role="meter"
      aria-label={label}
      aria-valuenow={percent}
      aria-valuemin={0}
      aria-valuemax={100}
    >
      <i style={{ width: `${percent}%` }} />
    </span>
  );
}

function StartUp({ report }: { report: Answer<'/v1/system/startup'> }) {
  const { steps, durationMs, startedAt, role, readOnly, pendingMigrations } = report;
  const longest = Math.max(1, ...steps.map((step) => step.durationMs ?? 0));
  return (
    <>
      <ol className="phases">
        {steps.map(({ phase, at, durationMs: took, lastError, attempts }) => (
          <li key={`${phase} ${at}`}>
            <span>{phase}</span>
            <span className="meter" aria-hidden="true">
              <i style={{ width: `${Math.round(((took ?? 0) / longest) * 100)}%` }} />
            </span>
            <span>{took === null ? 'now' : durationText(took)}</span>
            {lastError !== null && (
              <span className="phase-error">
                {attempts} failed: {lastError}
              </span>
            )}
          </li>
        ))}
      </ol>
      <dl className="facts">
        <dt>Started</dt>
        <dd>
          <Time value={startedAt} />
          {durationMs !== null && `, ready after ${durationText(durationMs)}`}
        </dd>
        <dt>Role</dt>
        <dd>{role}</dd>
        <dt>Writes</dt>
        <dd>{readOnly ? <Badge tone="warn">refused, read-only</Badge> : 'allowed'}</dd>
        <dt>Migrations</dt>
        <dd>
          {pendingMigrations.length === 0 ? (
            'all applied'
          ) : (
            <Badge tone="warn">{pendingMigrations.length} pending</Badge>
          )}
          {pendingMigrations.map((name) => (
            <div key={name}>{name}</div>
          ))}
        </dd>
      </dl>
    </>
  );
}

function Sockets({ state }: { state: Answer<'/v1/system/realtime'> }) {
  return (
    <>
      {state.budgets.map(({ budget, used, limit, share }) => (
        <section className="part" key={budget}>
          <p>
            {used} of {limit} {budget === 'connections' ? 'sockets of this process' : `sockets of one ${budget}`}
          </p>
          <Meter share={share} label={`Sockets, ${budget}`} />
        </section>
      ))}
      <dl className="facts part">
        <dt>Peak</dt>
        <dd>
          {state.peaks['1m']} in 1 min, {state.peaks['5m']} in 5 min
        </dd>
        <dt>Slow readers</dt>
        <dd>
          {state.conflated} now, {state.droppedFrames} frames dropped since the start
        </dd>
        <dt>Unsent</dt>
        <dd>{bytesText(state.unsentBytes)}</dd>
      </dl>
    </>
  );
}

function Budget({ usage }: { usage: Answer<'/v1/filings/usage'> }) {
  const { provider, model, budget, asks, tokens, month } = usage;
  if (provider === 'none')
    return (
      <Empty title="No language model is configured." next="Set FILINGS_SUMMARY_PROVIDER to have filings summarised." />
    );
  return (
    <>
      <p>
        {budget.spentUsd} of {budget.limitUsd} USD in {month}
        {budget.exhaustedAt !== null && <Badge tone="bad">spent</Badge>}
      </p>
      <Meter
        share={Number(budget.limitUsd) === 0 ? 0 : Number(budget.spentUsd) / Number(budget.limitUsd)}
        label="Budget spent"
      />
      <dl className="facts part">
        <dt>Model</dt>
        <dd>{model}</dd>
        <dt>Requests</dt>
        <dd>
          {asks.hits} from stored summaries, {asks.misses} calls, {asks.shared} joined
        </dd>
        <dt>Tokens</dt>
        <dd>
          {tokens.in} in, {tokens.out} out
        </dd>
        <dt>Not made</dt>
        <dd>{budget.notMade}</dd>
      </dl>
    </>
  );
}

/** `oldestPendingSeconds` as `oldest pending seconds`. */
function wordsOf(name: string): string {
  return name.replace(/_/g, ' ').replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
