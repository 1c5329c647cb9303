/** Promise 9: a bad configuration never replaces a good one, and a change to one policy never disturbs another. */
import { chmod, mkdir, readdir, rename, rm, symlink, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ProcessWorld } from './process-world.ts';
import { until } from './until.ts';
import { writes } from './wire.ts';

let world: ProcessWorld;

beforeAll(async () => {
  world = await ProcessWorld.open();
  await world.start();
  await world.routesUp();
}, 40_000);

afterAll(() => world?.close());

/** What a hurried, or hostile, hand does to the files; each is undone by putting the files back. */
const BREAKAGES: Readonly<Record<string, (w: ProcessWorld) => Promise<unknown>>> = {
  'no YAML at all': (w) => w.write('anytrack.yaml', 'site: [ams1\n\t}{'),
  'an empty file': (w) => w.write('anytrack.yaml', ''),
  'a file of NUL bytes': (w) => w.write('anytrack.yaml', '\0'.repeat(4096)),
  'bytes that are no UTF-8': (w) => w.write('anytrack.yaml', Buffer.from([0xff, 0xfe, 0x00, 0xd8]).toString('latin1')),
  'a bomb of aliases': (w) => w.write('anytrack.yaml', bomb()),
  'ten thousand open brackets': (w) => w.write('anytrack.yaml', '['.repeat(10_000)),
  'a number where a mapping belongs': (w) => w.write('anytrack.yaml', '42'),
  'the file is gone': (w) => unlink(w.configFile),
  'the file is a folder': async (w) => {
    await unlink(w.configFile);
    await mkdir(w.configFile);
  },
  'the file is a link to itself': async (w) => {
    await unlink(w.configFile);
    await symlink(w.configFile, w.configFile);
  },
  'the folder of policies is gone': (w) => rename(join(w.folder, 'policies'), join(w.folder, 'elsewhere')),
  'a typo in a key': (w) => w.edit('policies/web.yaml', 'nextHop', 'nextHopp'),
  'an address outside the anycast space': (w) => w.edit('policies/web.yaml', '10.0.0.2', '10.0.1.2'),
  'two policies for one address': (w) => w.edit('policies/web.yaml', 'address: 10.0.0.2', 'address: 10.0.0.1'),
  'a timeout above the frequency': (w) => w.edit('policies/web.yaml', 'timeout: 150ms', 'timeout: 10s'),
  'an unknown router': (w) => w.edit('policies/web.yaml', '[edge1]', '[edge7]'),
  'an unknown probe': (w) => w.edit('policies/web.yaml', 'http:', 'htpp:'),
  'a secret file that everybody can read': (w) => chmod(join(w.folder, 'router.password'), 0o644),
  'a secret file that is gone': (w) => unlink(join(w.folder, 'radius.secret')),
  'an empty secret': (w) => w.write('community', ''),
  'no routers': (w) => w.edit('anytrack.yaml', 'edge1:', 'edge2:'),
  'a half-written file': async (w) => {
    const text = await w.read('anytrack.yaml');
    await w.write('anytrack.yaml', text.slice(0, text.length / 2));
  },
};

function bomb(): string {
  const levels = Array.from({ length: 12 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(10).fill(`*a${i}`).join(', ')}]`);
  return `a0: &a0 [x]\n${levels.join('\n')}\n`;
}

const FILES = ['anytrack.yaml', 'policies/web.yaml', 'policies/resolver.yaml', 'policies/radius.yaml'] as const;
const KEYS = ['router.password', 'enable.password', 'community', 'radius.secret', 'radius.password', 'authorization'];

/** The files as they are now; the answer puts them back. */
async function keep(w: ProcessWorld): Promise<() => Promise<void>> {
  const texts = await Promise.all([...FILES, ...KEYS].map(async (name) => [name, await w.read(name)] as const));
  return async () => {
    await rm(w.configFile, { recursive: true, force: true });
    if ((await readdir(w.folder)).includes('elsewhere'))
      await rename(join(w.folder, 'elsewhere'), join(w.folder, 'policies'));
    for (const [name, text] of texts) await w.write(name, text);
    for (const name of KEYS) await chmod(join(w.folder, name), 0o600);
  };
}

/** Names and track states of all policies. */
async function inForce(w: ProcessWorld) {
  const { policies, routers } = await w.status();
  return {
    policies: policies.map(({ name, address, up, total }) => ({ name, address, up, total })),
    routers: routers.map(({ name, session }) => ({ name, session })),
  };
}

/** How often the probes of a policy ran; grows as long as nobody sets them anew. */
async function runsOf(w: ProcessWorld, policy: string): Promise<number> {
  const found = (await w.status()).policies.find(({ name }) => name === policy);
  return found?.endpoints[0]?.probes[0]?.runs ?? -1;
}

describe('the running program, at SIGHUP', () => {
  test.each(Object.keys(BREAKAGES))('%s: the old one stays in force, and the NMS is told', async (name) => {
    const restore = await keep(world);
    const before = await inForce(world);
    const runs = await runsOf(world, 'web');
    const lines = writes(world.router.log).length;
    const told = world.nms.received.length;
    await BREAKAGES[name]?.(world);
    world.signal('SIGHUP');
    const inform = await world.notified('anytrackConfigReject', told);
    expect(inform.inform).toBe(true);
    expect(world.isAlive).toBe(true);
    expect(await inForce(world)).toEqual(before);
    // Not even the probes of the policy that was broken were set anew.
    expect(await runsOf(world, 'web')).toBeGreaterThanOrEqual(runs);
    await restore();
    world.signal('SIGHUP');
    await world.notified('anytrackConfigReload', told);
    expect(await inForce(world)).toEqual(before);
    expect(writes(world.router.log)).toHaveLength(lines);
  });

  test('a good change to one policy: it starts anew, the others keep their probes, their tracks and their routes', async () => {
    const lines = writes(world.router.log).length;
    const runs = await runsOf(world, 'resolver');
    const told = world.nms.received.length;
    await world.edit('policies/web.yaml', 'description: web', 'description: the web, changed');
    world.signal('SIGHUP');
    await world.notified('anytrackConfigReload', told);
    expect(await runsOf(world, 'resolver')).toBeGreaterThanOrEqual(runs);
    await until('web to be up again', async () => (await inForce(world)).policies.every(({ up }) => up === 2));
    const moved = world.nms.received.slice(told).filter((trap) => /Track|Route/.test(trap.name));
    expect(moved.filter(({ varbinds }) => !varbinds.some(({ value }) => value === 'web'))).toEqual([]);
    expect(writes(world.router.log)).toHaveLength(lines);
    expect(world.ours()).toHaveLength(6);
  });

  test('twenty signals at once, good and bad files in turn: it ends with the last good one, and lives', async () => {
    const restore = await keep(world);
    const told = world.nms.received.length;
    for (let i = 0; i < 20; i++) {
      if (i % 2 === 0) await world.write('policies/web.yaml', 'address: nonsense');
      else await restore();
      world.signal('SIGHUP');
    }
    await restore();
    world.signal('SIGHUP');
    await world.notified('anytrackConfigReload', told);
    await until('all to be as before', async () => {
      const { policies } = await inForce(world);
      return policies.length === 3 && policies.every(({ up }) => up === 2);
    });
    expect(world.isAlive).toBe(true);
    expect(world.ours()).toHaveLength(6);
  });
});
