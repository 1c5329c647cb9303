import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/lib/clock.ts';
import { Secret } from '../../../src/lib/secret.ts';
import type { RouteChange } from '../../../src/model.ts';
import { frr } from '../../../src/routers/cli/frr.ts';
import { ios } from '../../../src/routers/cli/ios.ts';
import type { CliPlatform, RouterSettings, Scope, Session } from '../../../src/routers/contract.ts';
import { createSshDriver } from '../../../src/routers/ssh/driver.ts';
import { hangUp, type Manners, type ScriptedRouter, startScriptedRouter } from './scripted-router.ts';

const signal = new AbortController().signal;
const ANYCAST = ['10.0.0.0/24'];
const SCOPE: Scope = { vrfs: ['default'], families: [4], prefixes: ['10.0.0.1/32'] };
const ROUTE = 'ip route 10.0.0.1 255.255.255.255 10.255.0.2 tag 4200';
const LOG = '*Mar  1 00:01:02.345: %SYS-5-CONFIG_I: Configured from console by vty0 (192.0.2.1)';

const open: { router: ScriptedRouter; session?: Session }[] = [];

afterEach(async () => {
  for (const { router, session } of open.splice(0)) {
    await session?.close();
    await router.close();
  }
});

async function talkTo(manners: Manners, change: Partial<RouterSettings> = {}, platform: CliPlatform = ios) {
  const router = await startScriptedRouter({ reply: () => '', ...manners });
  const entry: { router: ScriptedRouter; session?: Session } = { router };
  open.push(entry);
  const driver = createSshDriver({ ...router.settings, ...change }, platform, ANYCAST, { clock: systemClock });
  const session = await driver.open(signal);
  entry.session = session;
  router.lines.splice(0);
  return { router, session };
}

function addition(address = '10.0.0.1'): RouteChange {
  const key = { vrf: 'default', prefix: `${address}/32`, nextHop: '10.255.0.2' };
  return { op: 'add', key, attributes: { tag: 4200 }, policy: 'p', endpoint: 'e', reason: 'endpoint-up' };
}

const APPLIED = ['configure terminal', ROUTE, 'end'];

describe('an answer is what stands between the echo and the prompt', () => {
  const worlds: readonly (readonly [string, Manners])[] = [
    ['a router that behaves', {}],
    ['every byte in a packet of its own', { byteByByte: true }],
    ['a slow echo', { byteByByte: true, echoDelayMs: 2 }],
    ['the echo broken at 80 columns', { paintEcho: (line) => line.replace(/(.{30})/g, '$1\r\n') }],
    ['the echo repainted with backspaces', { paintEcho: (line) => `${line}${'\b'.repeat(line.length)}${line}` }],
    ['the echo repainted from the left edge', { paintEcho: (line) => `${line}\redge1#${line}` }],
    ['the echo in colour', { paintEcho: (line) => `\x1b[1m${line}\x1b[0m\x1b[K` }],
    ['the echo scrolled', { paintEcho: (line) => (line.length < 30 ? line : `$${line.slice(-25)}`) }],
    ['a log line in the echo', { paintEcho: (line) => `${line.slice(0, 3)}\r\n${LOG}\r\nedge1#${line}` }],
    ['a log line that cuts the echo', { paintEcho: (line) => `${line.slice(0, 3)}\r\n${LOG}\r\n${line.slice(3)}` }],
    ['a log line after the prompt', { afterPrompt: () => `\r\n${LOG}\r\n` }],
    ['a log line after the prompt, byte by byte', { byteByByte: true, afterPrompt: () => `\r\n${LOG}\r\n` }],
    ['a prompt with a space', { promptEnd: ' ' }],
    ['a banner that looks like prompts', { banner: '\r\nAuthorised users only #\r\nedge9#\r\n> \r\n' }],
    ['a host name of 63 characters', { hostname: `core-${'x'.repeat(58)}`, configHostLength: 12 }],
  ];
  test.each(worlds)('%s', async (_name, manners) => {
    const configHostLength = manners.configHostLength === undefined ? {} : { configHostLength: 20 };
    const { router, session } = await talkTo({ ...manners, ...configHostLength });
    const report = await session.apply(ios.render([addition()]), signal);
    expect(router.lines).toEqual(APPLIED);
    expect(report.failures).toEqual([]);
    expect(report.exchanges.map(({ sent }) => sent)).toEqual(APPLIED);
    expect(report.exchanges.map(({ received }) => received.trim())).toEqual(['', '', '']);
  });

  test('lines that look like a prompt do not end a reply, log lines are not part of it', async () => {
    const shown = [
      'ip route 10.0.0.1 255.255.255.255 10.255.0.2',
      ' description edge1#',
      'other#',
      LOG,
      'edge1# is up',
    ];
    const { session } = await talkTo({ reply: (line) => (line.startsWith('show run') ? shown.join('\n') : '') });
    const { exchanges } = await session.observe(SCOPE, signal);
    expect(exchanges[0]?.received).toBe(shown.filter((line) => line !== LOG).join('\n'));
  });

  test('a pager is answered', async () => {
    const pages = 'ip route 10.0.0.1 255.255.255.255 10.255.0.2\n\fip route 10.0.0.1 255.255.255.255 10.255.0.3\n\fend';
    const { router, session } = await talkTo({ reply: (line) => (line.startsWith('show run') ? pages : '') });
    const { routes, exchanges } = await session.observe(SCOPE, signal);
    expect(routes.map(({ key }) => key.nextHop)).toEqual(['10.255.0.2', '10.255.0.3']);
    expect(exchanges[0]?.received).toBe(pages.replaceAll('\f', ''));
    expect(router.lines).toEqual(ios.observeCommands(SCOPE));
  });
});

describe('every reply is judged', () => {
  test('a refused line does not stop the others, and configuration mode is left', async () => {
    const refusal = "         ^\n% Invalid input detected at '^' marker.\n";
    const { router, session } = await talkTo({ reply: (line) => (line.includes('10.0.0.2') ? refusal : '') });
    const report = await session.apply(ios.render([addition('10.0.0.2'), addition()]), signal);
    expect(report.failures).toMatchObject([{ code: 'rejected', line: { change: { key: { prefix: '10.0.0.2/32' } } } }]);
    expect(router.lines.slice(2)).toEqual([ROUTE, 'end']);
  });

  test.each([
    ["Configuration mode is locked by process '484' user 'NETCONF' from terminal '64'. Please try later.", 'locked'],
    ['Command authorization failed.', 'authorization'],
    ['Something that nobody has seen before', 'unexpected-output'],
  ])('entering configuration mode is answered with %j: nothing else is sent', async (reply, code) => {
    const { router, session } = await talkTo({ reply: () => reply });
    await expect(session.apply(ios.render([addition()]), signal)).rejects.toMatchObject({ code });
    expect(router.lines).toEqual(['configure terminal']);
  });

  test('after a refused authorisation no other route is tried, and configuration mode is left', async () => {
    const { router, session } = await talkTo({
      reply: (line) => (line.startsWith('ip route') ? 'Command authorization failed.\n' : ''),
    });
    const report = await session.apply(ios.render([addition('10.0.0.2'), addition()]), signal);
    expect(report.failures.map(({ code }) => code)).toEqual(['authorization', 'not-applied']);
    expect(router.lines).toHaveLength(3);
    expect(router.lines.at(-1)).toBe('end');
  });

  test.each([
    ['%No matching route to delete', undefined],
    ['% Ambiguous command:  "ip"', 'rejected'],
    ['%Inconsistent address and mask', 'rejected'],
    ['% IP routing table BLUE does not exist', 'not-applied'],
    ['% 10.0.0.1 is in use', 'in-use'],
    ['Warning: the moon is full', 'unexpected-output'],
  ])('%j means %s', async (reply, code) => {
    const { session } = await talkTo({ reply: (line) => (line.startsWith('ip route') ? reply : '') });
    const { failures, exchanges } = await session.apply(ios.render([addition()]), signal);
    expect(failures.map((failure) => failure.code)).toEqual(code === undefined ? [] : [code]);
    expect(exchanges[1]?.received).toBe(reply);
  });

  test('a refused show command is an error, an absent route is not', async () => {
    const { session } = await talkTo({ reply: (line) => (line.includes('10.0.0.1') ? '% Subnet not in table' : '') });
    await expect(session.observe(SCOPE, signal)).resolves.toMatchObject({ routes: [] });
    const { session: other } = await talkTo({ reply: () => 'Command authorization failed.' });
    await expect(other.observe(SCOPE, signal)).rejects.toMatchObject({ code: 'authorization' });
  });

  test('saving is its own step', async () => {
    const { router, session } = await talkTo({ reply: () => 'Building configuration...\n[OK]' });
    await session.save?.(signal);
    expect(router.lines).toEqual(['write memory']);
    const { session: full } = await talkTo({ reply: () => 'startup-config file open failed (No space)' });
    await expect(full.save?.(signal)).rejects.toMatchObject({ code: 'unexpected-output' });
  });
});

describe('a terminal without echo, written ahead', () => {
  const vtysh: Manners = { echo: 'no', promptEnd: ' ' };
  const many = Array.from({ length: 200 }, (_, i) => addition(`10.0.0.${i}`));

  test.each([
    ['the server switches echo off', vtysh],
    ['every byte in a packet of its own', { ...vtysh, byteByByte: true }],
    ['the server keeps the echo: one line at a time', { ...vtysh, echo: 'yes' as const }],
  ])('%s: each reply belongs to its line', async (_name, manners) => {
    const reply = (line: string) => (line.includes('10.0.0.7/32') ? '% Unknown command: ip route' : '');
    const { router, session } = await talkTo({ ...manners, reply }, {}, frr);
    const script = frr.render(many);
    const report = await session.apply(script, signal);
    expect(router.lines).toEqual([...script.enter, ...script.lines.map(({ text }) => text), ...script.leave]);
    expect(report.failures).toMatchObject([{ code: 'rejected', line: script.lines[7] }]);
    expect(report.exchanges).toHaveLength(204);
  });

  test('configuration mode refused: an error, and the router is not left in it', async () => {
    const { session, router } = await talkTo({ ...vtysh, reply: () => '% Unknown command' }, {}, frr);
    await expect(session.apply(frr.render(many), signal)).rejects.toMatchObject({ code: 'rejected' });
    expect(router.lines.length).toBeLessThan(60);
  });

  test('output that nobody asked for: the session is out of step and ends', async () => {
    const { session } = await talkTo(
      { ...vtysh, afterPrompt: (line) => (line === 'end' ? 'hello\r\nedge1# ' : '') },
      {},
      frr,
    );
    await session.apply(frr.render([addition()]), signal);
    await expect(session.apply(frr.render([addition()]), signal)).rejects.toMatchObject({ code: 'lost' });
  });
});

describe('a session that ends', () => {
  test('no answer within the deadline: the session is destroyed', async () => {
    const { session } = await talkTo({ reply: (line) => (line === ROUTE ? undefined : '') }, { commandTimeoutMs: 100 });
    await expect(session.apply(ios.render([addition()]), signal)).rejects.toMatchObject({ code: 'deadline' });
    expect(await session.ended).toMatchObject({ code: 'deadline' });
    await expect(session.observe(SCOPE, signal)).rejects.toMatchObject({ code: 'deadline' });
  });

  test('hung up after the write and before the reply: lost', async () => {
    const { session } = await talkTo({ reply: (line) => (line === ROUTE ? hangUp : '') });
    await expect(session.apply(ios.render([addition()]), signal)).rejects.toMatchObject({ code: 'lost' });
    expect(await session.ended).toMatchObject({ code: 'lost' });
  });

  test('aborted: destroyed, without an error of its own', async () => {
    const { session } = await talkTo({ reply: (line) => (line === ROUTE ? undefined : '') });
    const abort = new AbortController();
    const applied = session.apply(ios.render([addition()]), abort.signal);
    abort.abort();
    await expect(applied).rejects.toMatchObject({ code: 'aborted' });
    expect(await session.ended).toBeUndefined();
  });

  test('closed by us: no error', async () => {
    const { session } = await talkTo({});
    await session.close();
    expect(await session.ended).toBeUndefined();
  });
});

describe('the enable step', () => {
  const secret = (text: string) => ({ enablePassword: new Secret(text, 'test') });

  test('the password is sent when asked for, and appears nowhere', async () => {
    const { session } = await talkTo({ startsAt: '>', enablePassword: 's3cret' }, secret('s3cret'));
    const report = await session.apply(ios.render([addition()]), signal);
    expect(report.failures).toEqual([]);
    expect(JSON.stringify(report)).not.toContain('s3cret');
  });

  test('not asked for: not sent', async () => {
    const { router, session } = await talkTo({ startsAt: '>' }, secret('s3cret'));
    await session.observe(SCOPE, signal);
    expect(router.lines).not.toContain('s3cret');
  });

  test.each([
    ['refused', 'right', secret('wrong'), 'authentication'],
    ['not configured', 'right', {}, 'authorization'],
  ])('%s: an error without the password', async (_name, enablePassword, change, code) => {
    const failed = await talkTo({ startsAt: '>', enablePassword }, change).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code });
    expect(String(failed)).not.toMatch(/wrong|right/);
  });
});

describe('promise 1: only anycast space', () => {
  test.each([
    ['another prefix', [{ text: 'ip route 192.0.2.1 255.255.255.255 10.255.0.2' }]],
    ['a shorter prefix', [{ text: 'ip route 10.0.0.0 255.255.255.0 10.255.0.2' }]],
    ['a line behind a line break', [{ text: `${ROUTE}\nip route 192.0.2.1 255.255.255.255 10.255.0.2` }]],
    ['another command', [{ text: 'reload' }]],
    ['a good line and a bad one', [{ text: ROUTE }, { text: 'no ip route 192.0.2.1 255.255.255.255 10.255.0.2' }]],
    ['the line of another change', [{ text: ROUTE, change: addition('10.0.0.9') }]],
  ])('%s: nothing is sent', async (_name, lines) => {
    const { router, session } = await talkTo({});
    const script = { enter: ['configure terminal'], lines, leave: ['end'] };
    await expect(session.apply(script, signal)).rejects.toMatchObject({ code: 'outside-anycast' });
    await expect(session.observe({ ...SCOPE, prefixes: ['192.0.2.1/32'] }, signal)).rejects.toMatchObject({
      code: 'outside-anycast',
    });
    expect(router.lines).toEqual([]);
  });
});
