/** Promise 10: no secret in logs, traps, API, errors, process arguments, files or any output, whatever goes wrong. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { noFaults } from '../../src/demo/ios-router/faults.ts';
import { ProcessWorld, SECRETS, type SecretName } from './process-world.ts';
import { until } from './until.ts';

let world: ProcessWorld;

beforeAll(async () => {
  world = await ProcessWorld.open();
  await world.start();
  await world.routesUp();
}, 40_000);

afterAll(() => world?.close());

/** Wrong ones, which are as secret as the right ones: often a right one, one letter off. */
const WRONG = Object.fromEntries(Object.entries(SECRETS).map(([name, value]) => [name, `${value}-wrong`])) as Readonly<
  Record<SecretName, string>
>;

/** The texts that must be nowhere: as they are, and as the wire and logs would dress them. */
function forms(): readonly string[] {
  const bare = [...Object.values(SECRETS), SECRETS.authorization.replace('Bearer ', '')];
  return bare.flatMap((text) => [
    text,
    Buffer.from(text).toString('base64').replace(/=+$/, ''),
    Buffer.from(text).toString('hex'),
    encodeURIComponent(text),
  ]);
}

/** Fails, naming where and around what, if any form of any secret is in the text. */
function expectClean(where: string, text: string): void {
  const found = forms().flatMap((form) => {
    const at = text.toLowerCase().indexOf(form.toLowerCase());
    return at < 0 ? [] : [`${where}: …${text.slice(Math.max(0, at - 120), at + 60)}…`];
  });
  expect(found).toEqual([]);
}

/** Everything that the program has told anybody so far. */
async function expectAllClean(): Promise<void> {
  expectClean('standard output and error', world.output);
  expectClean('audit file', await world.read('audit.jsonl'));
  expectClean('status', JSON.stringify(await world.status().catch(() => ({}))));
  expectClean('notifications', JSON.stringify(world.nms.received));
  for (const name of ['cmdline', 'environ', 'comm']) {
    expectClean(`/proc/${name}`, await readFile(`/proc/${world.pid}/${name}`, 'utf8'));
  }
}

async function reload(): Promise<void> {
  const told = world.nms.received.length;
  world.signal('SIGHUP');
  await until(
    'the reload',
    () => world.nms.received.slice(told).some(({ name }) => /anytrackConfig/.test(name)),
    10_000,
  );
}

test('all is well, every log level: nothing', async () => {
  await until('debug lines', () => world.output.includes('"level":"debug"'));
  await expectAllClean();
});

test('a web server that repeats the Authorization header in status, header and body', async () => {
  const { switches } = world.a.http;
  const headers = {
    'x-health': SECRETS.authorization,
    location: `/?token=${SECRETS.authorization}`,
    server: SECRETS.authorization,
  };
  Object.assign(switches, { headers, body: `you sent ${SECRETS.authorization}`, status: 500 });
  await until('the route to go', () => !world.ours().includes('10.0.0.2/32 10.10.10.1'));
  switches.status = 200;
  const { output, code } = await world.run('probe', 'web', '-e', 'a');
  expect([code, output]).toEqual([1, expect.stringContaining('FAIL header-mismatch')]);
  await expectAllClean();
  Object.assign(switches, { headers: { 'x-health': 'well' }, body: 'well' });
});

test('a RADIUS server that repeats the password and the shared secret in its Reply-Message', async () => {
  world.a.radius.switches.replyMessage = `${SECRETS['radius.password']} ${SECRETS['radius.secret']}`;
  await until('the route to go', () => !world.ours().includes('10.0.0.3/32 10.10.10.1'));
  const { output, code } = await world.run('probe', 'radius', '-e', 'a', '--json');
  expect([code, output]).toEqual([1, expect.stringContaining('attribute-mismatch')]);
  await expectAllClean();
  world.a.radius.switches.replyMessage = 'well';
});

test('a router that repeats the passwords in answers, log lines and refusals', async () => {
  const both = `${SECRETS['router.password']} and ${SECRETS['enable.password']}`;
  world.router.faults.warningOnWrite = `% weak password: ${both}`;
  world.router.faults.syslogInReply = [`%SEC_LOGIN-5-LOGIN_SUCCESS: ${both}`];
  world.b.http.switches.status = 503;
  // Not a notification: one of an earlier change may still be on its way.
  await until('the route to go', () => !world.ours().includes('10.0.0.2/32 10.10.10.2'));
  world.router.faults.lock = `Configuration mode is locked by user ${both}`;
  world.b.http.switches.status = 200;
  await until('the lock to be told', async () => (await world.read('audit.jsonl')).includes('"code":"locked"'));
  const plan = await world.run('plan', '--json');
  expect(plan.code).toBe(0);
  await expectAllClean();
  Object.assign(world.router.faults, noFaults());
  await world.routesUp();
});

test.each<SecretName>(['router.password', 'enable.password', 'radius.secret', 'radius.password', 'authorization'])(
  'a wrong %s, in force at the next reload and in every command',
  async (name) => {
    await world.setSecret(name, WRONG[name]);
    await reload();
    world.router.cutSessions();
    await Promise.all([world.run('plan', '--wait', '1s'), world.run('probe', 'radius'), world.run('status', '--json')]);
    await expectAllClean();
    await world.setSecret(name, SECRETS[name]);
    await reload();
    await world.routesUp();
  },
);

test('a wrong community: the NMS hears nothing, and the log says so without it', async () => {
  await world.setSecret('community', WRONG.community);
  world.signal('SIGHUP');
  await until('the loss to be logged', () => world.output.includes('notifications are being lost'), 15_000);
  await expectAllClean();
  await world.setSecret('community', SECRETS.community);
  await reload();
}, 30_000);

test('secrets written into the configuration itself are refused without being repeated', async () => {
  const text = await world.read('anytrack.yaml');
  const told = world.nms.received.length;
  const inline = text
    .replace('{ file: router.password }', SECRETS['router.password'])
    .replace('{ file: enable.password }', `[${SECRETS['enable.password']}]`)
    .replace('{ file: community }', `{ value: ${SECRETS.community} }`);
  await world.write('anytrack.yaml', inline);
  world.signal('SIGHUP');
  await world.notified('anytrackConfigReject', told);
  const { code, output } = await world.run('check');
  expect(code).toBe(2);
  expect(output).toContain('secrets are references');
  await world.write('anytrack.yaml', text);
  await reload();
  await expectAllClean();
});

test('every command that prints the configuration or looks at it', async () => {
  for (const args of [
    ['check'],
    ['check', '--expand'],
    ['check', '--json'],
    ['plan'],
    ['plan', '--json'],
    ['status'],
    ['probe', 'web'],
    ['probe', 'resolver', '--json'],
  ]) {
    const { code, output } = await world.run(...args);
    expect([args, code, output.length > 0]).toEqual([args, 0, true]);
  }
  await expectAllClean();
});

test('every file that the program has made', async () => {
  const made = (await readdir(world.folder)).filter((name) => !(name in SECRETS));
  for (const name of made.filter((file) => /\.(jsonl|json|log|state|db)$/.test(file))) {
    expectClean(name, await readFile(join(world.folder, name), 'utf8'));
  }
  expect(made.sort()).toEqual(['anytrack.yaml', 'audit.jsonl', 'control.sock', 'known_hosts', 'policies']);
});

test('and what the program says at its end', async () => {
  await world.end();
  expectClean('standard output and error', world.output);
  expect(world.output).not.toMatch(/internal error|unhandled/i);
});
