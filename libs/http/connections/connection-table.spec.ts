import { type Connection, ConnectionTable } from './connection-table.js';

const LIMITS = { total: 6, perAddress: 3, graceMs: 1_000, heavyGraceMs: 0, reserved: 0, few: 16 };

describe('the table of connections', () => {
  let table: ConnectionTable;
  let closed: Connection[];
  beforeEach(() => {
    table = new ConnectionTable(LIMITS);
    closed = [];
  });

  const connection = (address: string, idleSince = 0, exempt = false): Connection => {
    const made: Connection = {
      address,
      exempt,
      holder: undefined,
      active: 0,
      upgraded: false,
      idleSince,
      close: () => closed.push(made),
    };
    return made;
  };
  const open = (address: string, now = 0, exempt = false) => {
    const made = connection(address, now, exempt);
    return { made, ...table.open(made, now) };
  };

  it('the table of connections refuses an address beyond its limit while none of its connections is idle, and no other address', () => {
    for (let n = 0; n < 3; n++) open('1').made.active = 1;
    expect(open('1', 5_000)).toMatchObject({ refused: 'address' });
    expect(open('2', 5_000).refused).toBeUndefined();
    expect([table.heldBy('address:1'), closed]).toEqual([3, []]);
  });

  it("the table of connections closes the oldest idle connection of the same address for that address's next one", () => {
    const first = open('1').made;
    first.active = 1;
    const second = open('1').made;
    open('1');
    expect(open('1', 999)).toMatchObject({ refused: 'address' });
    expect(open('1', 1_000)).toMatchObject({ evicted: 'address' });
    expect(closed).toEqual([second]);
  });

  it('a full process closes an idle connection of the client with most connections', () => {
    for (let n = 0; n < 3; n++) open('1');
    for (const address of ['2', '3', '4']) open(address);
    expect(open('5', 1_000)).toMatchObject({ evicted: 'total' });
    expect(closed.map(({ address }) => address)).toEqual(['1']);
    expect(table.size).toBe(6);
  });

  it('a full process closes the connection that is idle for longest of a client with more, however short, and none of a client with as few', () => {
    const heavy = [open('1', 3).made, open('1', 1).made, open('1', 2).made];
    for (const address of ['2', '3', '4']) open(address, 0);
    expect(open('5', 3)).toMatchObject({ evicted: 'total' });
    expect(closed).toEqual([heavy[1]]);
    expect(open('5', 3).refused).toBe('total');
    expect(open('6', 3)).toMatchObject({ evicted: 'total' });
    expect(closed).toEqual([heavy[1], heavy[2]]);
    expect(open('7', 999).refused).toBe('total');
    expect(open('7', 1_000)).toMatchObject({ evicted: 'total' });
  });

  it('the last places of a process are for clients with few connections, even if nothing is idle', () => {
    table = new ConnectionTable({ ...LIMITS, reserved: 2, few: 2 });
    for (const address of ['1', '1', '2', '2']) open(address).made.active = 1;
    expect(open('1', 9_000)).toMatchObject({ refused: 'total' });
    expect(open('3', 9_000).refused).toBeUndefined();
    expect(open('4', 9_000).refused).toBeUndefined();
    expect(table.size).toBe(6);
  });

  it('the table of connections refuses when it is full and nothing is idle', () => {
    for (let n = 0; n < 6; n++) open(`${n}`).made.active = 1;
    expect(open('7', 9_000)).toMatchObject({ refused: 'total' });
  });

  it('a connection counts by user after a sign-in, and an upgraded one not at all', () => {
    const made = [open('1').made, open('1').made, open('1').made];
    table.own(made[0]!, 'ana');
    table.upgrade(made[1]!);
    expect([table.heldBy('address:1'), table.heldBy('user:ana'), table.size]).toEqual([1, 1, 3]);
    expect(open('1').refused).toBeUndefined();
    made[1]!.active = 0;
    expect(table.closeIdle(0, 10_000)).toBe(3);
    expect(closed).not.toContain(made[1]);
  });

  it('the table of connections never closes or counts by address the connections of a proxy, but counts them in all', () => {
    for (let n = 0; n < 6; n++) expect(open('p', 0, true).refused).toBeUndefined();
    expect(open('1', 9_000)).toMatchObject({ refused: 'total' });
    expect([closed, table.heldBy('address:p'), table.closeIdle(0, 9_000)]).toEqual([[], 0, 0]);
  });

  it('forgets everything of connections that have closed', () => {
    for (let n = 0; n < 100; n++) {
      const { made } = open('1', n);
      table.own(made, 'ana');
      table.remove(made);
    }
    expect([table.size, table.heldBy('address:1'), table.heldBy('user:ana')]).toEqual([0, 0, 0]);
  });
});
