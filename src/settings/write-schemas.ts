/**
 * Writes what is generated from the schemas: `config/*.schema.json` and the tables of docs/configuration.md.
 * With `--check` it writes nothing and exits with 1 if any of them is not up to date.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { probeKinds } from '../probes/registry.ts';
import { platforms } from '../routers/parts.ts';
import { generatedFiles, REFERENCE_FILE, withTables } from './generated.ts';

const root = new URL('../../', import.meta.url);

async function main(isCheck: boolean): Promise<void> {
  const files = new Map(generatedFiles(platforms, probeKinds));
  files.set(REFERENCE_FILE, withTables(await current(REFERENCE_FILE), platforms, probeKinds));
  for (const [path, text] of files) {
    if ((await current(path)) === text) continue;
    if (isCheck) {
      process.stderr.write(`${path} is not up to date; run: npm run generate\n`);
      process.exitCode = 1;
    } else {
      await writeFile(new URL(path, root), text);
      process.stdout.write(`${path} written\n`);
    }
  }
}

async function current(path: string): Promise<string> {
  return readFile(new URL(path, root), 'utf8').catch(() => '');
}

await main(process.argv.includes('--check'));
