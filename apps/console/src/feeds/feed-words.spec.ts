import { barsOf, stateOf } from './feed-words.js';

describe('cycles of feeds as bars', () => {
  it('all bars have the scale of the longest cycle, and a stage begins where the one before ends', () => {
    const cycles = [
      { stagesMs: { fetch: 60, parse: 20, record: 20 } },
      { stagesMs: { fetch: 50, parse: 0, record: 0 } },
    ];
    expect(barsOf(cycles)).toEqual([
      {
        total: 100,
        parts: [
          { stage: 'fetch', ms: 60, start: 0, width: 60 },
          { stage: 'parse', ms: 20, start: 60, width: 20 },
          { stage: 'record', ms: 20, start: 80, width: 20 },
        ],
      },
      { total: 50, parts: [{ stage: 'fetch', ms: 50, start: 0, width: 50 }] },
    ]);
    expect(barsOf([{ stagesMs: { fetch: 0, parse: 0, record: 0 } }])).toEqual([{ total: 0, parts: [] }]);
  });

  it('a paused feed is called paused whatever its state was', () => {
    expect(stateOf({ enabled: false, state: 'failing' })).toBe('paused');
  });
});
