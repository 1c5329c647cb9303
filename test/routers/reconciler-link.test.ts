/** The one session to a router: none is ever left open that nobody holds. */
import { expect, test } from 'vitest';
import type { Session } from '../../src/routers/contract.ts';
import { Link } from '../../src/routers/reconciler/link.ts';
import { FakeClock, settle } from '../support/fake-clock.ts';

test.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])(
  'closed %d turns after the router let us in: the session is closed too',
  async (turns) => {
    const login = Promise.withResolvers<Session>();
    const closed: string[] = [];
    const session: Session = {
      observe: () => Promise.reject(new Error('not asked')),
      apply: () => Promise.reject(new Error('not asked')),
      ended: new Promise(() => {}),
      close: async () => void closed.push('closed'),
    };
    const link = new Link(
      { readyTimeoutMs: 1000, commandTimeoutMs: 1000 },
      { driver: { open: () => login.promise }, clock: new FakeClock(), teller: { up() {}, down() {} }, onEnded() {} },
    );
    const stopped = new AbortController();
    const opening = link.ensure(stopped.signal).catch(() => undefined);
    login.resolve(session);
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    stopped.abort();
    await link.close();
    await opening;
    await settle();
    expect(closed).toEqual(['closed']);
  },
);
