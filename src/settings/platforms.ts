/** The platforms that a configuration may name. */
import { memoryPlatform } from '../routers/memory/platform.ts';
import type { Platforms, PlatformTraits } from './rules/case.ts';

/** What the rules need to know of each platform, by its name in YAML. */
export const platforms: Platforms = new Map<string, PlatformTraits>([
  ['ios', { capabilities: { routeNames: true, maxNameLength: 48, tracks: true } }],
  ['frr', { capabilities: { routeNames: false, maxNameLength: 0, tracks: false } }],
  [memoryPlatform.name, memoryPlatform],
]);
