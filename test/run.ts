/** The whole test suite: `npm test`. Ends with `N passed, N failed, N skipped`, the reasons of skipped tests above it. */
import { startVitest } from 'vitest/node';

const vitest = await startVitest('test', process.argv.slice(2), {
  config: 'test/vitest.config.ts',
  watch: false,
  run: true,
});

const counts = { passed: 0, failed: 0, skipped: 0 };
const skips: string[] = [];
for (const module of vitest.state.getTestModules()) {
  for (const test of module.children.allTests()) {
    const result = test.result();
    if (result.state === 'passed') counts.passed += 1;
    else if (result.state === 'failed') counts.failed += 1;
    else {
      counts.skipped += 1;
      skips.push(`${test.fullName}: ${('note' in result && result.note) || 'no reason given'}`);
    }
  }
  // A file that could not be loaded has no tests to count, and must not look green.
  if (module.state() === 'failed' && module.errors().length > 0) counts.failed += 1;
}
const unhandled = vitest.state.getUnhandledErrors().length;
await vitest.close();

for (const line of skips) console.log(`skipped: ${line}`);
if (unhandled > 0) console.log(`${unhandled} unhandled errors`);
const failed = counts.failed + unhandled;
console.log(`${counts.passed} passed, ${failed} failed, ${counts.skipped} skipped`);
process.exit(failed === 0 && counts.passed > 0 ? 0 : 1);
