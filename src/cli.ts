#!/usr/bin/env node
// Nothing is imported before the version is known: an older Node would fail in the middle of a module, without a reason.
const NEEDED = 24;

if (Number(process.versions.node.split('.')[0]) < NEEDED) {
  process.stderr.write(`anytrack: needs Node ${NEEDED} or later, this is ${process.version} (${process.execPath})\n`);
  process.exitCode = 3;
} else {
  const { main } = await import('./commands/program.ts');
  const { processIo } = await import('./commands/io.ts');
  process.exitCode = await main(process.argv.slice(2), processIo());
}

export {};
