import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startWorld } from '../../src/demo/world.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { codeOf, OperatorError } from '../../src/lib/errors.ts';
import { systemRandom } from '../../src/lib/random.ts';

test('a port that is taken is named with who wanted it, and the folder is left alone', async () => {
  // Somebody else's demo, or this test itself: either way the NMS's port is in use.
  const other = createSocket('udp4').bind(11162, '127.0.0.1');
  await once(other, 'listening').catch((error: unknown) => expect(codeOf(error)).toBe('EADDRINUSE'));
  const parent = await mkdtemp(join(tmpdir(), 'anytrack-'));
  const folder = join(parent, 'demo');
  onTestFinished(async () => {
    other.close();
    await rm(parent, { recursive: true });
  });
  const started = startWorld(
    folder,
    { baseOid: '1.3', onTrap: () => {} },
    { clock: systemClock, random: systemRandom },
  );
  const error = await started.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(OperatorError);
  expect(`${error}`).toMatch(/somebody else already listens on 127\.0\.\d+\.1:\d+, where .* of the demo listens/);
  await expect(access(folder)).rejects.toThrow('ENOENT');
});
