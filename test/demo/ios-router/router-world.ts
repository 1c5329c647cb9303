import { onTestFinished } from 'vitest';
import { SimulatedIosRouter, type SimulatedIosRouterOptions } from '../../../src/demo/ios-router/router.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { RawClient } from './raw-client.ts';

/** A router as the tests take it for granted: two server LANs, one VRF, an OSPF route that covers the anycast space. */
export const WORLD: SimulatedIosRouterOptions = {
  users: [
    { name: 'anytrack', password: 'right', privilege: 15 },
    { name: 'guest', password: 'right', privilege: 1 },
  ],
  enablePassword: 'letmein',
  vrfs: ['BLUE'],
  interfaces: [
    { name: 'GigabitEthernet1', addresses: ['10.10.10.254/24', '2001:db8:ff::fe/64'] },
    { name: 'GigabitEthernet2', vrf: 'BLUE', addresses: ['10.20.20.254/24', '2001:db8:bb::fe/64'] },
  ],
  tracks: { 700: true, 701: false },
  learned: [
    { vrf: 'default', prefix: '10.0.0.0/24', nextHop: '10.10.10.99' },
    { vrf: 'default', prefix: '2001:db8:ac::/64', nextHop: '2001:db8:ff::99' },
  ],
};

/** Starts a router that the end of the test closes. */
export async function startRouter(difference: Partial<SimulatedIosRouterOptions> = {}) {
  const router = new SimulatedIosRouter({ ...WORLD, ...difference }, { clock: systemClock });
  const listening = await router.start();
  onTestFinished(() => router.close());
  return { router, ...listening };
}

/** A router and a client that is logged in, paging off. */
export async function openRouter(
  difference: Partial<SimulatedIosRouterOptions> = {},
  login: { readonly username?: string; readonly password?: string } = {},
) {
  const started = await startRouter(difference);
  const client = await connect(started.port, login);
  await client.send('terminal length 0');
  await client.send('terminal width 512');
  return { ...started, client };
}

export async function connect(port: number, login: { readonly username?: string; readonly password?: string } = {}) {
  const client = new RawClient();
  onTestFinished(() => client.close());
  await client.open({ host: '127.0.0.1', port, username: 'anytrack', password: 'right', ...login });
  return client;
}
