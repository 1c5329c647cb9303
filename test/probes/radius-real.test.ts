/** The radius probe against FreeRADIUS. */
import { expect } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { Secret } from '../../src/lib/secret.ts';
import { radiusOptionsSchema } from '../../src/probes/radius/options.ts';
import { radius } from '../../src/probes/radius.ts';
import { systemSockets } from '../../src/probes/sockets.ts';
import { realTest } from '../support/real.ts';
import { RADIUS_SECRET, startFreeRadius } from './radius/free-radius.ts';

const secret = (value: string) => new Secret(value, 'test');
const user = { name: 'probe', password: secret('probe') };

/** A run's verdict and detail. The timeout is short where silence is expected. */
async function verdictOf(address: string, options: object, timeoutMs = 3000): Promise<string> {
  const result = await radius.run(
    { address, family: address.includes(':') ? 6 : 4, identity: 'radius-1' },
    radiusOptionsSchema.parse({ secret: secret(RADIUS_SECRET), ...options }),
    {
      signal: new AbortController().signal,
      timeoutMs,
      thresholdMs: timeoutMs,
      clock: systemClock,
      random: systemRandom,
      sockets: systemSockets,
    },
  );
  return `${'cause' in result ? result.cause : result.outcome}: ${result.detail}`;
}

for (const address of ['127.0.0.1', '::1'] as const) {
  realTest(`FreeRADIUS on ${address}`, ['freeradius'], async () => {
    await using server = await startFreeRadius(address);
    const port = server.authPort;
    const ask = (options: object, timeoutMs?: number) => verdictOf(address, { port, ...options }, timeoutMs);
    const wrong = { name: 'probe', password: secret('wrong') };
    const unknown = { name: 'nobody', password: secret('probe') };
    const long = { name: 'probe', password: secret('p'.repeat(128)) };

    expect(await ask({})).toBe('pass: Access-Accept: "radius-1"');
    expect(await ask({ identity: { attribute: 'Reply-Message' } })).toBe('pass: Access-Accept: "radius-1"');
    expect(await ask({ port: server.accountingPort, accounting: true })).toMatch(/^pass: Accounting-Response/);
    expect(await ask({ mode: 'pap', user, accept: ['accept'] })).toMatch(/^pass: Access-Accept/);
    expect(await ask({ mode: 'chap', user, accept: ['accept'] })).toMatch(/^pass: Access-Accept/);
    expect(await ask({ mode: 'pap', user: wrong, accept: ['accept'] })).toMatch(/^access-reject: Access-Reject/);
    expect(await ask({ mode: 'chap', user: wrong, accept: ['accept'] })).toMatch(/^access-reject: Access-Reject/);
    expect(await ask({ mode: 'pap', user: unknown, accept: ['accept'] })).toMatch(/^access-reject: Access-Reject/);
    expect(await ask({ mode: 'pap', user: unknown })).toMatch(/^pass: Access-Reject/);
    expect(await ask({ mode: 'pap', user: long, accept: ['reject'] })).toMatch(/^pass: Access-Reject/);
    expect(await ask({ expect: { attributes: [{ attribute: 18, match: 'radius-2' }] } })).toBe(
      'attribute-mismatch: Reply-Message is "radius-1", expected matching /radius-2/',
    );
    // With another secret the Message-Authenticator of the request is wrong, and the server says nothing.
    expect(await ask({ secret: secret('guess') }, 300)).toBe('timeout: no answer within 300 ms, 1 try');
  });
}

realTest('a FreeRADIUS that does not sign its replies', ['freeradius'], async () => {
  await using server = await startFreeRadius('127.0.0.1', { signs: false });
  const ask = (options: object, timeoutMs?: number) =>
    verdictOf('127.0.0.1', { port: server.authPort, ...options }, timeoutMs);
  for (const mode of [{}, { mode: 'pap', user }]) {
    expect(await ask(mode, 300)).toMatch(/^unsigned-reply: Access-Accept without Message-Authenticator/);
    expect(await ask({ ...mode, messageAuthenticator: 'acceptMissing' })).toMatch(/^pass: Access-Accept/);
  }
});
