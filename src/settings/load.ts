/** Loading the configuration: read everything, then compile it. */
import { type CompileDeps, compileSettings } from './compile.ts';
import type { LoadedSettings } from './contract.ts';
import { fileTrouble, type ReadDeps, readSources, secretReader } from './read.ts';

/** What loading depends on. */
export interface LoadDeps extends ReadDeps, Omit<CompileDeps, 'readSecret' | 'fileTrouble'> {}

/**
 * Loads `configFile` and the policies and templates beside it. Never rejects: everything wrong is a problem,
 * and with any problem there are no settings.
 * @param configFile path of anytrack.yaml, absolute or relative to `deps.cwd`
 */
export async function loadSettings(configFile: string, deps: LoadDeps): Promise<LoadedSettings> {
  const sources = await readSources(configFile, deps);
  return compileSettings(sources, { ...deps, readSecret: secretReader(deps), fileTrouble });
}
