import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { Secret } from '../../src/lib/secret.ts';

test('promise 10: a secret cannot be printed by accident', () => {
  const secret = new Secret('hunter2', 'env:PASSWORD');
  const printed = [
    `${secret}`,
    JSON.stringify({ secret }),
    inspect({ secret }, { depth: 9, showHidden: true }),
    Object.values(secret).join(),
    String(new Error('failed', { cause: secret }).cause),
  ];
  for (const text of printed) expect(text).not.toContain('hunter2');
  expect(secret.reveal()).toBe('hunter2');
});
