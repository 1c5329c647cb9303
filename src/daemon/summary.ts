import type { SettingsChange } from '../settings/changes.ts';

/** What a reload has changed, a line each: `policy added: resolver`. */
export function summaryOf(changes: SettingsChange): readonly string[] {
  const told = (what: string, names: readonly string[]) => names.map((name) => `${what} ${name}`);
  return [
    ...told('policy added:', changes.added),
    ...told('policy removed:', changes.removed),
    ...told('policy changed:', changes.changed),
    ...told('router added:', changes.routersAdded),
    ...told('router removed:', changes.routersRemoved),
    ...told('router changed:', changes.routersChanged),
    ...told('section changed:', changes.sectionsChanged),
  ];
}
