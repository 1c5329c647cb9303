/** Which folders the site's file names, before it is checked. Pure. */
import { dirname, isAbsolute, join } from 'node:path';
import type { SourceFile } from './compile.ts';
import { DEFAULTS } from './defaults.ts';
import { parseText } from './parse.ts';
import { findAt, type Tree } from './tree.ts';

export interface Folder {
  /** As it is shown: relative to the same folder as the site's file, or absolute. */
  readonly path: string;
  /** A folder that nobody named may be missing. */
  readonly isRequired: boolean;
}

/** The folders of policies and templates; their defaults where the file is broken, so that all files are checked. */
export function foldersOf(site: SourceFile): { readonly policies: Folder; readonly templates: Folder } {
  const { tree } = parseText(site.file, site.text);
  const folder = (key: string, fallback: string, isAlwaysRequired: boolean): Folder => {
    const written = textAt(tree, key);
    const path = written ?? fallback;
    const shown = isAbsolute(path) ? path : join(dirname(site.file), path);
    return { path: shown, isRequired: isAlwaysRequired || written !== undefined };
  };
  return {
    policies: folder('policies', DEFAULTS.policiesFolder, true),
    templates: folder('templates', DEFAULTS.templatesFolder, false),
  };
}

function textAt(tree: Tree | undefined, key: string): string | undefined {
  const found = tree && findAt(tree, [key]);
  return found?.kind === 'scalar' && typeof found.value === 'string' && found.value !== '' ? found.value : undefined;
}
