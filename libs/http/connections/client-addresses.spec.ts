import { ClientAddresses } from './client-addresses.js';

describe('the address of a client', () => {
  const addresses = new ClientAddresses(['10.0.0.0/8', '192.0.2.7', 'fd00::/8']);
  const behind = (peer: string, forwarded: string | undefined) => addresses.of(peer, forwarded);

  it('the address of a client is that of the connection unless a trusted proxy forwards another', () => {
    expect(new ClientAddresses([]).of('203.0.113.5', '198.51.100.1')).toBe('203.0.113.5');
    expect(behind('203.0.113.5', '198.51.100.1')).toBe('203.0.113.5');
  });

  it.each([
    ['10.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['::ffff:10.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['10.0.0.1', '1.1.1.1, 198.51.100.1', '198.51.100.1'],
    ['10.0.0.1', '1.1.1.1, 198.51.100.1, 10.9.9.9, 192.0.2.7', '198.51.100.1'],
    ['fd00::1', '2001:db8::9', '2001:db8::9'],
    ['10.0.0.1', '1.2.3.4:5678', '1.2.3.4'],
    ['10.0.0.1', '1.2.3.4:5678, 10.9.9.9:80', '1.2.3.4'],
    ['fd00::1', '[2001:db8::9]:443', '2001:db8::9'],
    ['fd00::1', '[::1], [fd00::2]:8080', '::1'],
  ])(
    'the client address of a connection from %s with "%s" is %s: a forged part on the left is ignored',
    (peer, forwarded, client) => {
      expect(behind(peer, forwarded)).toBe(client);
    },
  );

  it.each([undefined, '', 'unknown', '198.51.100.1, <script>', ',,,'])(
    'the address stays that of the proxy when the header is unusable (%p)',
    (forwarded) => {
      expect(behind('10.0.0.1', forwarded)).toBe('10.0.0.1');
    },
  );

  it('an invalid proxy address is refused at boot', () => {
    expect(() => new ClientAddresses(['loadbalancer'])).toThrow('not "loadbalancer"');
  });
});
