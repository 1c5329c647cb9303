/** What is generated from the schemas: file names and texts. Pure. */
import { jsonSchemas } from './json-schemas.ts';
import { optionRows, optionTable } from './reference.ts';
import type { Platforms } from './rules/case.ts';
import type { ProbeKinds } from './schema/probe.ts';

/** Path in the repository of the reference whose tables are generated. */
export const REFERENCE_FILE = 'docs/configuration.md';

/** Files that are generated whole: path in the repository -> text. */
export function generatedFiles(platforms: Platforms, kinds: ProbeKinds): ReadonlyMap<string, string> {
  const schemas = Object.entries(jsonSchemas(platforms, kinds));
  return new Map(
    schemas.map(([name, schema]) => [`config/${name}.schema.json`, `${JSON.stringify(schema, null, 2)}\n`]),
  );
}

/** The reference with its tables made anew: each stands between `<!-- options: NAME -->` and `<!-- end -->`. */
export function withTables(text: string, platforms: Platforms, kinds: ProbeKinds): string {
  const tables = optionTables(platforms, kinds);
  return text.replace(/<!-- options: (\w+) -->\n[\s\S]*?<!-- end -->/g, (block, name: string) => {
    const table = tables.get(name);
    return table === undefined ? block : `<!-- options: ${name} -->\n${table}\n<!-- end -->`;
  });
}

/** Tables by name: `site`, `policy`, and each kind of probe. */
function optionTables(platforms: Platforms, kinds: ProbeKinds): ReadonlyMap<string, string> {
  const { anytrack, policy } = jsonSchemas(platforms, kinds);
  const perKind = [...kinds.keys()].map((kind) => ({ kind, prefix: `probes.<name>.${kind}` }));
  const isOfKind = (path: string) =>
    perKind.some(({ prefix }) => path.startsWith(`${prefix}.`) || path.startsWith(`${prefix}[`));
  const rows = optionRows(policy);
  return new Map([
    ['site', optionTable(optionRows(anytrack))],
    ['policy', optionTable(rows.filter((row) => !isOfKind(row.path)))],
    ...perKind.map(({ kind, prefix }): [string, string] => {
      const own = rows.filter((row) => row.path.startsWith(`${prefix}.`));
      return [kind, optionTable(own.map((row) => ({ ...row, path: row.path.slice(prefix.length + 1) })))];
    }),
  ]);
}
