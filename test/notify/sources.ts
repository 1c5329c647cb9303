import { readFileSync } from 'node:fs';

/** The text of a file of this repository. */
export function readText(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
}

/** The members of a union of string literals: `export type Name = | 'a' | 'b'`. */
export function unionMembers(source: string, name: string): readonly string[] {
  const body = new RegExp(`export type ${name} =([\\s\\S]*?);\\n`).exec(source)?.[1] ?? '';
  return [...body.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '').matchAll(/'([^']+)'/g)].map(([, member = '']) => member);
}
