/** Both tests want the ports that `config/` names, so they stand in one file: files run side by side. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { access, cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { EXIT } from '../../src/commands/io.ts';
import { main } from '../../src/commands/program.ts';
import { startWorld } from '../../src/demo/world.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { codeOf, OperatorError } from '../../src/lib/errors.ts';
import { systemRandom } from '../../src/lib/random.ts';

/** A folder of its own, removed at the end. */
async function freshFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'anytrack-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

test('`anytrack demo` with config/ as it stands: every part is seen, in under a minute', async ({ skip }) => {
  const folder = await freshFolder();
  await cp('config', join(folder, 'config'), { recursive: true });
  const [out, err]: [string[], string[]] = [[], []];
  const io = { out: (line: string) => out.push(line), err: (line: string) => err.push(line) };
  const args = ['demo', '--json', '--config', join(folder, 'config/anytrack.yaml')];
  const code = await main(args, { ...io, signal: new AbortController().signal });
  if (code === EXIT.unreachable) skip(err.join('; '));
  const { ok, acts } = JSON.parse(out.join('\n'));
  const missing = acts.flatMap((act: { title: string; missing: string[] }) =>
    act.missing.map((what) => `${act.title}: ${what}`),
  );
  expect({ code, ok, missing, acts: acts.length }).toEqual({ code: EXIT.ok, ok: true, missing: [], acts: 11 });
}, 60_000);

test('a port that is taken is named with who wanted it, and the folder is left alone', async () => {
  // Somebody else's demo, or this test itself: either way the NMS's port is in use.
  const other = createSocket('udp4').bind(11162, '127.0.0.1');
  await once(other, 'listening').catch((error: unknown) => expect(codeOf(error)).toBe('EADDRINUSE'));
  onTestFinished(() => void other.close());
  const folder = join(await freshFolder(), 'demo');
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
