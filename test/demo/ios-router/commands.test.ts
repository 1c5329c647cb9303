import { createHash } from 'node:crypto';
import ssh2 from 'ssh2';
import { describe, expect, test } from 'vitest';
import { SimulatedIosRouter } from '../../../src/demo/ios-router/router.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { messageOf } from '../../../src/lib/errors.ts';
import { PROMPT, RawClient } from './raw-client.ts';
import { connect, openRouter, startRouter, WORLD } from './router-world.ts';

const ROUTE = 'ip route 10.0.0.1 255.255.255.255 10.10.10.1';

describe('log-in', () => {
  test('by password lands in privileged exec', async () => {
    const { port } = await startRouter();
    const client = new RawClient();
    expect(await client.open({ host: '127.0.0.1', port, username: 'anytrack', password: 'right' })).toBe('\r\nedge1#');
    client.close();
  });

  test('by keyboard-interactive', async () => {
    const { port } = await startRouter();
    const client = new RawClient();
    const authHandler: ssh2.AuthenticationType[] = ['keyboard-interactive'];
    const login = { host: '127.0.0.1', port, username: 'anytrack', password: 'right', tryKeyboard: true, authHandler };
    expect(await client.open(login)).toContain('edge1#');
    client.close();
  });

  test('by public key, and not by another key', async () => {
    const [mine, other] = [usableKey(), usableKey()];
    const { port } = await startRouter({ users: [{ name: 'robot', publicKey: mine.public, privilege: 15 }] });
    const client = new RawClient();
    expect(await client.open({ host: '127.0.0.1', port, username: 'robot', privateKey: mine.private })).toContain(
      'edge1#',
    );
    client.close();
    const stranger = new RawClient();
    const refused = stranger.open({ host: '127.0.0.1', port, username: 'robot', privateKey: other.private });
    expect(await refused.then(String, messageOf)).toMatch(/authentication methods failed/);
  });

  test.each(['wrong', ''])('refuses the password %j', async (password) => {
    const { port } = await startRouter();
    const refused = new RawClient().open({ host: '127.0.0.1', port, username: 'anytrack', password });
    expect(await refused.then(String, messageOf)).toMatch(/authentication methods failed/);
  });

  test('shows the host key that it told of', async () => {
    const { port, hostKeyFingerprint, knownHostsLine } = await startRouter();
    let seen = '';
    const client = new RawClient();
    const hostVerifier = (key: Buffer) => {
      seen = `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
      return true;
    };
    await client.open({ host: '127.0.0.1', port, username: 'anytrack', password: 'right', hostVerifier });
    expect(seen).toBe(hostKeyFingerprint);
    expect(knownHostsLine).toMatch(new RegExp(`^\\[127\\.0\\.0\\.1\\]:${port} ssh-ed25519 AAAA`));
    client.close();
  });

  test('exit closes the session, and its line is free again', async () => {
    const { router, client } = await openRouter();
    client.type('exit\r');
    await client.end();
    expect(router.sessions).toBe(0);
  });
});

describe('user exec', () => {
  test('enable asks for the password without echo', async () => {
    const { router, client } = await openRouter({}, { username: 'guest' });
    expect(await client.ask('show privilege')).toEqual(['Current privilege level is 1']);
    expect(await client.send('enable', /Password: $/)).toBe('enable\r\nPassword: ');
    expect(await client.send('letmein')).toBe('\r\nedge1#');
    expect(await client.ask('show privilege')).toEqual(['Current privilege level is 15']);
    expect(router.log.map(({ line }) => line)).toContain('(password)');
    expect(JSON.stringify(router.log)).not.toContain('letmein');
  });

  test('three wrong passwords', async () => {
    const { client } = await openRouter({}, { username: 'guest' });
    await client.send('enable', /Password: $/);
    await client.send('a', /Password: $/);
    await client.send('b', /Password: $/);
    expect(await client.send('c')).toBe('\r\n% Bad secrets\r\n\r\nedge1>');
  });

  test('cannot read or change the configuration', async () => {
    const { client } = await openRouter({}, { username: 'guest' });
    expect(await client.ask('configure terminal')).toContain("% Invalid input detected at '^' marker.");
    expect(await client.ask('show running-config')).toContain("% Invalid input detected at '^' marker.");
  });

  test('enable without a password set', async () => {
    const { enablePassword: _none, ...world } = WORLD;
    const router = new SimulatedIosRouter(world, { clock: systemClock });
    const { port } = await router.start();
    const client = await connect(port, { username: 'guest' });
    expect(await client.ask('enable')).toEqual(['% No password set']);
    await router.close();
  });
});

describe('the terminal', () => {
  test('echoes what is typed and corrects it', async () => {
    const { client } = await openRouter();
    client.type('show clokk\x7f\x7fck\r');
    const screen = await client.expect(PROMPT);
    expect(screen.startsWith('show clokk\b \b\b \bck\r\n')).toBe(true);
    expect(screen).toMatch(/\n\*\d\d:\d\d:\d\d\.\d{3} UTC /);
  });

  test.each([
    ['carriage return', '\r'],
    ['line feed', '\n'],
    ['both', '\r\n'],
  ])('a line ends with %s', async (_name, end) => {
    const { client, router } = await openRouter();
    client.type(`show privilege${end}`);
    expect(await client.expect(PROMPT)).toBe('show privilege\r\nCurrent privilege level is 15\r\nedge1#');
    client.type('\r');
    expect(await client.expect(PROMPT)).toBe('\r\nedge1#');
    expect(router.log.filter(({ line }) => line === 'show privilege')).toHaveLength(1);
  });

  test('Ctrl-Z leaves configuration mode with the line run, Ctrl-C drops the line', async () => {
    const { client, router } = await openRouter();
    await client.send('configure terminal');
    client.type(`${ROUTE}\x1a`);
    expect(await client.expect(PROMPT)).toBe(`${ROUTE}^Z\r\nedge1#`);
    expect(router.device.running).toHaveLength(1);
    await client.send('configure terminal');
    client.type(`no ${ROUTE}\x03`);
    expect(await client.expect(PROMPT)).toBe(`no ${ROUTE}^C\r\nedge1#`);
    expect(router.device.running).toHaveLength(1);
  });

  test('pages where the length is not 0: space, return, and anything else to stop', async () => {
    const { client } = await openRouter();
    await client.send('terminal length 5');
    const first = await client.send('show ip route', / --More-- $/);
    expect(first.split('\r\n')).toHaveLength(1 + 4 + 1);
    client.type('\r');
    const second = await client.expect(/ --More-- $/);
    expect(second.split('\r\n')).toHaveLength(2);
    expect(second.startsWith(`${'\b'.repeat(9)}${' '.repeat(8)}${'\b'.repeat(9)}`)).toBe(true);
    client.type(' ');
    expect((await client.expect(/ --More-- $/)).split('\r\n')).toHaveLength(5);
    client.type('q');
    // The prompt takes the place of --More-- on the same line.
    expect(await client.expect(/edge1#$/)).toMatch(/^[\b ]+edge1#$/);
  });

  test('shifts a line that is wider than the terminal, and takes it whole', async () => {
    const { client, router } = await openRouter();
    await client.send('terminal width 80');
    await client.send('configure terminal');
    const line = `${ROUTE} 20 tag 4200 name anytrack-resolver-with-a-long-name track 700`;
    expect(await client.send(line)).toContain('$');
    expect(router.device.running[0]?.track).toBe(700);
  });

  test('a question mark asks for help and does not get into the line', async () => {
    const { client, router } = await openRouter();
    client.type('show privi?');
    expect(await client.expect(/edge1#show privi$/)).toContain('show privi?\r\n');
    client.type('lege\r');
    await client.expect(PROMPT);
    expect(router.log.at(-1)?.line).toBe('show privilege');
  });

  test('follows the size that the client asked for, where told to', async () => {
    const { port } = await startRouter({ followTerminalSize: true });
    const client = await connect(port);
    const line = `show ip route ${' '.repeat(70)}10.0.0.2`;
    expect(await client.send(line)).not.toContain('$');
  });

  test('takes lines that were typed ahead', async () => {
    const { client, router } = await openRouter();
    client.type(`configure terminal\r${ROUTE}\rend\r`);
    expect(await client.expect(/\(config\)#end\r\nedge1#$/)).toContain(ROUTE);
    expect(router.device.running).toHaveLength(1);
  });

  test('a host name of 63 characters is cut to 20 in configuration mode', async () => {
    const hostname = `r${'o'.repeat(61)}r`;
    const { client } = await openRouter({ hostname });
    expect(await client.send('')).toBe(`\r\n${hostname}#`);
    expect(await client.send('configure terminal')).toMatch(/\r\nro{19}\(config\)#$/);
  });
});

describe('configuration', () => {
  test('greets, takes routes in silence, shows them', async () => {
    const { client } = await openRouter();
    const said = await client.all('configure terminal', `${ROUTE} 20 tag 4200 name anytrack-ns1 track 700`, 'end');
    expect(said).toEqual(['Enter configuration commands, one per line.  End with CNTL/Z.']);
    expect(await client.ask('show running-config | include ^ip route .*anytrack|^ipv6 route')).toEqual([
      `${ROUTE} 20 tag 4200 name anytrack-ns1 track 700`,
    ]);
    expect(await client.ask('show running-config')).toEqual(
      expect.arrayContaining(['Building configuration...', 'hostname edge1', 'end']),
    );
  });

  test('write memory, and what a reload brings back', async () => {
    const { client, router, port } = await openRouter();
    await client.all('configure terminal', ROUTE, 'end');
    expect(await client.ask('write memory')).toEqual(['Building configuration...', '[OK]']);
    await client.all('configure terminal', `no ${ROUTE}`, 'end');
    await router.reload(0);
    const again = await connect(port);
    expect(await again.ask('show running-config | include ^ip route')).toEqual([ROUTE]);
  });

  test('copy running-config startup-config asks for the name', async () => {
    const { client, router } = await openRouter();
    await client.all('configure terminal', ROUTE, 'end');
    await client.send('copy running-config startup-config', /\[startup-config\]\? $/);
    expect(await client.send('')).toContain('[OK]');
    expect(router.device.startup).toHaveLength(1);
  });

  test('draws the caret under the column of the screen', async () => {
    const { client } = await openRouter();
    expect(await client.ask('show ip foo')).toEqual(['              ^', "% Invalid input detected at '^' marker.", '']);
    expect(await client.ask('show ip')).toEqual(['% Incomplete command.', '']);
    expect(await client.ask('show i')).toEqual(['% Ambiguous command:  "show i"']);
    expect(await client.ask('foo')).toEqual(['% Unknown command or computer name, or unable to find computer address']);
  });

  test('another operator edits', async () => {
    const { client, router } = await openRouter();
    expect(router.edit([ROUTE])).toEqual([]);
    expect(router.edit([`no ${ROUTE} tag 9`])).toEqual(['%No matching route to delete']);
    expect(await client.ask('show running-config | include ^ip route')).toEqual([ROUTE]);
  });
});

describe('show', () => {
  const HOST_ROUTES = [
    `${ROUTE} 20 tag 4200 name anytrack-ns1 track 700`,
    'ip route 10.0.0.1 255.255.255.255 10.10.10.2 20',
  ];
  const world = () =>
    openRouter({
      startup: [
        ...HOST_ROUTES,
        'ip route vrf BLUE 10.0.0.1 255.255.255.255 10.20.20.1',
        'ipv6 route 2001:db8:ac::1/128 2001:db8:ff::2 tag 7',
      ],
    });

  test.each<[string, string[]]>([
    [
      'show ip route 10.0.0.1',
      [
        'Routing entry for 10.0.0.1/32',
        '  Known via "static", distance 20, metric 0',
        '  Tag 4200',
        '  Routing Descriptor Blocks:',
        '  * 10.10.10.1',
        '      Route metric is 0, traffic share count is 1',
        '      Route tag 4200',
        '    10.10.10.2',
        '      Route metric is 0, traffic share count is 1',
      ],
    ],
    [
      'show ip route 10.0.0.2',
      [
        'Routing entry for 10.0.0.0/24',
        '  Known via "ospf 1", distance 110, metric 0, type intra area',
        '  Routing Descriptor Blocks:',
        '  * 10.10.10.99',
        '      Route metric is 0, traffic share count is 1',
      ],
    ],
    ['show ip route 10.0.0.2 255.255.255.255', ['% Subnet not in table']],
    ['show ip route 10.1.0.1', ['% Subnet not in table']],
    ['show ip route 192.0.2.1', ['% Network not in table']],
    ['show ip route vrf RED', ['% IP routing table RED does not exist']],
    ['show ipv6 route 2001:db8:ac::2/128', ['% Route not found']],
    ['show privilege', ['Current privilege level is 15']],
    ['show version | include uptime', ['edge1 uptime is 0 minutes']],
  ])('%s', async (command, expected) => {
    const { client } = await world();
    expect(await client.ask(command)).toEqual(expected);
  });

  test('show ip route groups by class and continues with further next hops', async () => {
    const { client } = await world();
    const lines = await client.ask('show ip route');
    expect(lines.slice(0, 1)).toEqual(['Codes: L - local, C - connected, S - static, R - RIP, M - mobile, B - BGP']);
    expect(lines.slice(lines.indexOf('Gateway of last resort is not set'))).toEqual([
      'Gateway of last resort is not set',
      '',
      '      10.0.0.0/8 is variably subnetted, 4 subnets, 2 masks',
      'O        10.0.0.0/24 [110/0] via 10.10.10.99',
      'S        10.0.0.1/32 [20/0] via 10.10.10.1',
      '                     [20/0] via 10.10.10.2',
      'C        10.10.10.0/24 is directly connected, GigabitEthernet1',
      'L        10.10.10.254/32 is directly connected, GigabitEthernet1',
    ]);
  });

  test('show ip route static leaves the length out where all subnets have the same', async () => {
    const { client } = await world();
    const lines = await client.ask('show ip route static');
    expect(lines.slice(-3)).toEqual([
      '      10.0.0.0/32 is subnetted, 1 subnets',
      'S        10.0.0.1 [20/0] via 10.10.10.1',
      '                  [20/0] via 10.10.10.2',
    ]);
  });

  test('show ip route vrf names its table', async () => {
    const { client } = await world();
    expect((await client.ask('show ip route vrf BLUE 10.0.0.1')).slice(0, 3)).toEqual([
      '',
      'Routing Table: BLUE',
      'Routing entry for 10.0.0.1/32',
    ]);
    expect(await client.ask('show ip route vrf BLUE')).toContain('S        10.0.0.1/32 [1/0] via 10.20.20.1');
  });

  test('show ip static route', async () => {
    const { client, router } = await world();
    const table = async () => (await client.ask('show ip static route')).slice(-3);
    expect(await table()).toEqual([
      'Static local RIB for default',
      'T  10.0.0.1/32 [20/0] via 10.10.10.1 [A]',
      'M              [20/0] via 10.10.10.2 [A]',
    ]);
    router.setTrack(700, false);
    expect((await table())[1]).toBe('T  10.0.0.1/32 [20/0] via 10.10.10.1 [N]');
  });

  test('show ipv6 route', async () => {
    const { client } = await world();
    const lines = await client.ask('show ipv6 route');
    expect(lines[0]).toBe('IPv6 Routing Table - default - 5 entries');
    expect(lines).toEqual(expect.arrayContaining(['S   2001:DB8:AC::1/128 [1/0], tag 7', '     via 2001:DB8:FF::2']));
    expect((await client.ask('show ipv6 route 2001:db8:ac::1/128')).slice(0, 6)).toEqual([
      'Routing entry for 2001:DB8:AC::1/128',
      '  Known via "static", distance 1, metric 0',
      '  Tag 7',
      '  Route count is 1/1, share count 0',
      '  Routing paths:',
      '    2001:DB8:FF::2',
    ]);
    expect((await client.ask('show ipv6 route 2001:db8:ac::9'))[0]).toBe('Routing entry for 2001:DB8:AC::/64');
  });

  test('show track', async () => {
    const { client, router } = await world();
    router.setTrack(700, false);
    expect(await client.ask('show track 700')).toEqual([
      'Track 700',
      '  IP SLA 700 reachability',
      '  Reachability is Down',
      expect.stringMatching(/^ {4}1 change, last change 00:00:0\d$/),
      '  Latest operation return code: Timeout',
      '  Tracked by:',
      '    Static IP Routing 0',
    ]);
    expect((await client.ask('show track')).filter((line) => line.startsWith('Track'))).toEqual([
      'Track 700',
      'Track 701',
    ]);
  });

  test('show users marks the own line', async () => {
    const { client, port } = await world();
    const second = await connect(port);
    expect((await second.ask('show users')).slice(1, 3)).toEqual([
      '   1 vty 0     anytrack   idle                 00:00:00 127.0.0.1',
      '*  2 vty 1     anytrack   idle                 00:00:00 127.0.0.1',
    ]);
    expect(await client.ask('show clock')).toEqual([
      expect.stringMatching(/^\*\d\d:\d\d:\d\d\.\d{3} UTC \w{3} \w{3} \d+ \d{4}$/),
    ]);
  });

  test('exclude and begin', async () => {
    const { client } = await world();
    expect(await client.ask('show privilege | exclude level')).toEqual([]);
    expect((await client.ask('show running-config | begin ^line')).at(-1)).toBe('end');
    expect(await client.ask('show privilege | include (')).toEqual(['% Failed to compile regular expression.', '']);
  });
});

/** ssh2 writes about 1 in 256 ed25519 keys that it cannot read. */
function usableKey(): { readonly private: string; readonly public: string } {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519');
    const parsed = ssh2.utils.parseKey(pair.private);
    if (!(parsed instanceof Error) && Buffer.isBuffer(parsed.sign(Buffer.from('x')))) return pair;
  }
}
