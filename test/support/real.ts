import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { type TestContext, test } from 'vitest';

/** Where Debian keeps the programs that tests start. */
const PATHS = ['/usr/sbin', '/usr/bin', '/sbin', '/bin', '/usr/lib/frr'];

/** Absolute path of a program, or undefined if it is not installed. */
export function program(name: string): string | undefined {
  return PATHS.map((folder) => `${folder}/${name}`).find((path) => existsSync(path));
}

/** What a real-daemon test needs: `root`, `netns`, or the name of a program. */
export type Need = 'root' | 'netns' | (string & {});

/** Why the needs are not met here, or undefined if they are. */
export function missing(needs: readonly Need[]): string | undefined {
  for (const need of needs) {
    if (need === 'root' && process.getuid?.() !== 0) return 'needs root';
    if (need === 'netns' && !canMakeNamespaces()) return 'needs network namespaces';
    if (need !== 'root' && need !== 'netns' && program(need) === undefined) return `needs the program ${need}`;
  }
  return undefined;
}

let namespaces: boolean | undefined;

function canMakeNamespaces(): boolean {
  if (namespaces === undefined) {
    const name = `at-try-${process.pid}`;
    const ip = (...words: string[]) => execFileSync('ip', words, { stdio: 'ignore' });
    try {
      ip('netns', 'add', name);
      // Fails in a chroot and in some containers, where a namespace can be made but not entered.
      ip('netns', 'exec', name, 'true');
      namespaces = true;
    } catch {
      namespaces = false;
    }
    try {
      ip('netns', 'del', name);
    } catch {
      // It was never made.
    }
  }
  return namespaces;
}

/** A test against real daemons: skipped, with the reason and counted, where its needs are not met. */
export function realTest(
  name: string,
  needs: readonly Need[],
  run: (context: TestContext) => Promise<void>,
  timeoutMs = 60_000,
): void {
  test(
    name,
    async (context) => {
      const reason = missing(needs);
      if (reason !== undefined) context.skip(reason);
      await run(context);
    },
    timeoutMs,
  );
}
