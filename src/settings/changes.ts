/** What a reload changes: a change to one policy must not disturb another. Pure. */
import { isDeepStrictEqual } from 'node:util';
import { Secret } from '../lib/secret.ts';
import type { Settings } from './contract.ts';

/** Names of what differs between two configurations. */
export interface SettingsChange {
  /** Policies by name. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
  readonly unchanged: readonly string[];
  readonly routersAdded: readonly string[];
  readonly routersRemoved: readonly string[];
  /** Routers whose entry differs, secrets included: their sessions must be replaced. */
  readonly routersChanged: readonly string[];
  /** Other sections that differ: `mark`, `notify`, ... */
  readonly sectionsChanged: readonly (keyof Settings)[];
}

const SECTIONS = ['site', 'anycastPrefixes', 'mark', 'notify', 'log', 'orphans', 'controlSocket'] as const;

/** Compares two configurations by value; secrets by what they hold, so that a new password is a change. */
export function changedPolicies(old: Settings, next: Settings): SettingsChange {
  const policies = compare(old.policies, next.policies);
  const routers = compare(old.routers, next.routers);
  return {
    ...policies,
    routersAdded: routers.added,
    routersRemoved: routers.removed,
    routersChanged: routers.changed,
    sectionsChanged: SECTIONS.filter((section) => !isSame(old[section], next[section])),
  };
}

interface Named {
  readonly name: string;
}

function compare(old: readonly Named[], next: readonly Named[]) {
  const before = new Map(old.map((item) => [item.name, item]));
  const after = new Set(next.map((item) => item.name));
  const kept = next.filter((item) => before.has(item.name));
  const isUnchanged = (item: Named) => isSame(before.get(item.name), item);
  return {
    added: names(next.filter((item) => !before.has(item.name))),
    removed: names(old.filter((item) => !after.has(item.name))),
    changed: names(kept.filter((item) => !isUnchanged(item))),
    unchanged: names(kept.filter(isUnchanged)),
  };
}

function names(items: readonly Named[]): string[] {
  return items.map((item) => item.name);
}

function isSame(a: unknown, b: unknown): boolean {
  if (a instanceof Secret && b instanceof Secret) return a.reveal() === b.reveal();
  if (!isContainer(a) || !isContainer(b)) return isDeepStrictEqual(a, b);
  const [left, right] = [Object.entries(a), new Map(Object.entries(b))];
  return left.length === right.size && left.every(([key, value]) => right.has(key) && isSame(value, right.get(key)));
}

/** Plain objects and lists, which may hold secrets further down; anything else is compared as it is. */
function isContainer(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || value instanceof Secret) return false;
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}
