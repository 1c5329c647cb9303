import { expect, test } from 'vitest';
import { RouterError, type Scope, type Session } from '../../src/routers/contract.ts';
import { createMemoryDriver } from '../../src/routers/memory/driver.ts';
import { memoryPlatform } from '../../src/routers/memory/platform.ts';
import { MemoryRouter, type MemoryRouterOptions } from '../../src/routers/memory/router.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { key, OURS } from './reconciler-world.ts';

const ALL: Scope = { vrfs: ['default'], families: [4], prefixes: 'all' };
const { signal } = new AbortController();

async function made(options: MemoryRouterOptions = {}) {
  const clock = new FakeClock();
  const router = new MemoryRouter(options, { clock });
  const session = await createMemoryDriver(router, { clock }).open(signal);
  return { clock, router, session };
}

function add(session: Session, last = 1) {
  const change = {
    op: 'add',
    key: key(last),
    attributes: OURS,
    policy: 'p',
    endpoint: 'e',
    reason: 'endpoint-up',
  } as const;
  return session.apply(memoryPlatform.render([change]), signal);
}

const shown = async (session: Session, scope = ALL) =>
  (await session.observe(scope, signal)).routes.map((r) => `${r.key.prefix} ${r.configured} ${r.installed}`);

test('the RIB follows the configuration after its delay', async () => {
  const { clock, router, session } = await made({ ribDelayMs: 20 });
  await add(session);
  expect(await shown(session)).toEqual(['10.0.0.1/32 true false']);
  await clock.advance(20);
  expect(await shown(session)).toEqual(['10.0.0.1/32 true true']);
  router.edit(key(), undefined);
  expect(await shown(session)).toEqual(['10.0.0.1/32 false true']);
  await clock.advance(20);
  expect(await shown(session)).toEqual([]);
});

test('a scope limits what is shown', async () => {
  const { session } = await made({ routes: [1, 2].map((last) => ({ key: key(last), attributes: OURS })) });
  expect(await shown(session, { ...ALL, prefixes: ['10.0.0.2/32'] })).toEqual(['10.0.0.2/32 true true']);
  expect(await shown(session, { ...ALL, families: [6] })).toEqual([]);
  expect(await shown(session, { ...ALL, vrfs: ['BLUE'] })).toEqual([]);
});

test('a reload keeps what was saved, ends sessions and starts the uptime again', async () => {
  const { clock, router, session } = await made();
  await add(session, 1);
  router.save();
  await add(session, 2);
  await clock.advance(5_000);
  router.reload();
  expect((await session.ended)?.code).toBe('lost');
  await expect(session.observe(ALL, signal)).rejects.toThrow(RouterError);
  expect(router.uptimeMs).toBe(0);
  expect(router.table().map((route) => route.key.prefix)).toEqual(['10.0.0.1/32']);
});

test.each([
  ['beforeWrite' as const, 0],
  ['afterWrite' as const, 1],
])('a session lost %s', async (loseSession, routes) => {
  const { router, session } = await made();
  router.faults.loseSession = loseSession;
  await expect(add(session)).rejects.toMatchObject({ code: 'lost' });
  expect(router.table()).toHaveLength(routes);
});

test('a frozen router answers nothing until the caller gives up', async () => {
  const { router, session } = await made();
  router.faults.frozen = true;
  const giveUp = new AbortController();
  const answer = session.observe(ALL, giveUp.signal);
  giveUp.abort();
  await expect(answer).rejects.toMatchObject({ code: 'aborted' });
});

test('locked, refused and ignored scripts', async () => {
  const { router, session } = await made();
  router.faults.lockedScripts = 1;
  expect((await add(session)).failures).toMatchObject([{ code: 'locked' }]);
  router.faults.refuseLine = () => 'authorization';
  expect((await add(session)).failures).toMatchObject([{ code: 'authorization' }]);
  router.faults.refuseLine = undefined;
  router.faults.ignoreScripts = 1;
  expect((await add(session)).failures).toEqual([]);
  expect(router.table()).toEqual([]);
  await add(session);
  expect(router.table()).toHaveLength(1);
});
