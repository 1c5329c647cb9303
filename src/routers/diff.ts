/** What has to change on a router, and what must be left alone. Pure and total; promises 1, 2, 4 and 5 are decided here. */
import { canonicalAddress, isHostRouteInside, parsePrefix } from '../lib/ip.ts';
import {
  type DesiredRoute,
  type Mark,
  type ObservedRoute,
  type RouteAttributes,
  type RouteChange,
  type RouteKey,
  routeId,
} from '../model.ts';
import type { Capabilities } from './contract.ts';

/** The rules that a diff is made by: one router's share of the settings and of its platform. */
export interface DiffRules {
  readonly mark: Mark;
  readonly anycastPrefixes: readonly string[];
  readonly capabilities: Pick<Capabilities, 'routeNames' | 'maxNameLength' | 'tagScope' | 'tracks'>;
  readonly orphans: 'report' | 'remove';
  /** Tags of policies that may have left routes behind; a desired route's own tag is known without it. */
  readonly policyTags?: ReadonlySet<number>;
  /** Prefixes of policies with `makeBeforeBreak`: their additions go before their withdrawals. */
  readonly addFirst?: ReadonlySet<string>;
}

/** A desired route that somebody else's route stands in the way of. Reported, left alone (promise 2). */
export interface Conflict {
  readonly desired: DesiredRoute;
  /** The route of the other owner. */
  readonly with: ObservedRoute;
  readonly detail: string;
}

/** The difference between what is wanted and what a router has. */
export interface Diff {
  /** In the order of sending: withdrawals first, except for prefixes in `addFirst`. */
  readonly changes: readonly RouteChange[];
  readonly conflicts: readonly Conflict[];
  /** Ours by mark, and no policy names them. With `orphans: 'remove'` they are in `changes` too. */
  readonly orphans: readonly ObservedRoute[];
  /** Wanted, ours and in the configuration as it should be, but not in the RIB: nothing to write, worth showing. */
  readonly inactive: readonly ObservedRoute[];
  /** Desired routes that may never be written: outside the anycast space, or malformed (promise 1). */
  readonly refused: readonly DesiredRoute[];
  /** Nothing to write. */
  readonly settled: boolean;
}

/** What stands in `policy` and `endpoint` of a change that removes an orphan: no policy names it. */
export const ORPHAN = '(orphan)';

/** Administrative distance that platforms neither show nor need for a static route. */
const DEFAULT_DISTANCE = 1;

/**
 * The one rule of ownership. A route is ours if all of this holds:
 * 1. its prefix is a host route inside the anycast space;
 * 2. its tag is reserved for us: the mark's tag, or the own tag of a policy for this prefix (`ownTags`);
 * 3. where the platform has route names: its name is the mark's name, or starts with it and a dash.
 * Anything else belongs to somebody else and is never changed or removed (promise 2).
 */
export function isOurs(route: ObservedRoute, rules: DiffRules, ownTags: ReadonlySet<number> = new Set()): boolean {
  const { tag, name } = route.attributes;
  if (!isHostRouteInside(route.key.prefix, rules.anycastPrefixes)) return false;
  if (tag === undefined || !(tag === rules.mark.tag || ownTags.has(tag) || rules.policyTags?.has(tag))) return false;
  return !rules.capabilities.routeNames || isMarkName(name, rules);
}

/**
 * Compares what is wanted with what a router has. Both are full sets for the same scope.
 * Only routes in the configuration count as owned; the RIB alone gives no line that could be changed.
 * A route of ours with the right key and other attributes is one `add` with the reason `attributes-differ`:
 * every platform replaces on the same next hop, so that traffic never sees a gap, which remove-and-add would make.
 */
export function diff(desired: readonly DesiredRoute[], observed: readonly ObservedRoute[], rules: DiffRules): Diff {
  const { allowed, refused } = admit(desired, rules);
  const router = sortByOwner(observed, allowed, rules);
  const changes: RouteChange[] = [];
  const conflicts: Conflict[] = [];
  const inactive: ObservedRoute[] = [];
  for (const route of allowed) {
    const finding = judge(route, router, rules);
    if (finding.type === 'change') changes.push(finding.change);
    else if (finding.type === 'conflict') conflicts.push(finding.conflict);
    else if (finding.type === 'inactive') inactive.push(finding.route);
  }
  const named = new Set(allowed.map((route) => routeId(route.key)));
  const orphans = [...router.ours.values()].filter((route) => !named.has(routeId(route.key)));
  if (rules.orphans === 'remove') {
    // Beside a foreign line of the same next hop a removal could take the wrong one: reported only.
    changes.push(...orphans.filter((route) => foreignTwin(route.key, router) === undefined).map(orphanRemoval));
  }
  const ordered = inSendingOrder(changes, rules.addFirst ?? new Set());
  return { changes: ordered, conflicts, orphans, inactive, refused, settled: ordered.length === 0 };
}

/** The configured routes that are ours, by `routeId`. `desired` tells the own tags of policies. */
export function ownedRoutes(
  observed: readonly ObservedRoute[],
  desired: readonly DesiredRoute[],
  rules: DiffRules,
): ReadonlyMap<string, ObservedRoute> {
  return sortByOwner(observed, desired, rules).ours;
}

/** Whether a route carries the attributes that were to be written, as far as the platform has them. */
export function sameAttributes(
  found: RouteAttributes,
  wanted: RouteAttributes,
  { capabilities }: Pick<DiffRules, 'capabilities'>,
): boolean {
  return (
    found.tag === wanted.tag &&
    distanceOf(found) === distanceOf(wanted) &&
    (!capabilities.routeNames || found.name === wanted.name) &&
    (!capabilities.tracks || found.track === wanted.track)
  );
}

/** What is written for a desired route: always with the mark, or we would not know it again. */
export function attributesToWrite(route: DesiredRoute, rules: DiffRules): RouteAttributes {
  const { tag, distance, track } = route.attributes;
  return {
    tag: tag ?? rules.mark.tag,
    ...(distance === undefined ? {} : { distance }),
    ...(rules.capabilities.routeNames ? { name: nameToWrite(route, rules) } : {}),
    ...(rules.capabilities.tracks && track !== undefined ? { track } : {}),
  };
}

/** Identifies a change in maps: its direction and its route. */
export function changeId(change: Pick<RouteChange, 'op' | 'key'>): string {
  return `${change.op} ${routeId(change.key)}`;
}

function changeFor(
  op: RouteChange['op'],
  route: DesiredRoute,
  attributes: RouteAttributes,
  reason: RouteChange['reason'],
): RouteChange {
  return { op, key: route.key, attributes, policy: route.policy, endpoint: route.endpoint, reason };
}

function orphanRemoval({ key, attributes }: ObservedRoute): RouteChange {
  return { op: 'remove', key, attributes, policy: ORPHAN, endpoint: ORPHAN, reason: 'orphan' };
}

/** The configured routes of a router by owner. */
interface Owned {
  readonly ours: ReadonlyMap<string, ObservedRoute>;
  /** Other people's, by table and prefix. */
  readonly foreign: ReadonlyMap<string, readonly ObservedRoute[]>;
}

function sortByOwner(observed: readonly ObservedRoute[], desired: readonly DesiredRoute[], rules: DiffRules): Owned {
  const tags = tagsByPrefix(desired);
  const ours = new Map<string, ObservedRoute>();
  const others: ObservedRoute[] = [];
  for (const route of observed) {
    if (!route.configured) continue;
    if (isOurs(route, rules, tags.get(tableKey(route.key)))) ours.set(routeId(route.key), route);
    else others.push(route);
  }
  return { ours, foreign: Map.groupBy(others, (route) => tableKey(route.key)) };
}

type Finding =
  | { readonly type: 'asItShould' }
  | { readonly type: 'inactive'; readonly route: ObservedRoute }
  | { readonly type: 'change'; readonly change: RouteChange }
  | { readonly type: 'conflict'; readonly conflict: Conflict };

function judge(route: DesiredRoute, router: Owned, rules: DiffRules): Finding {
  if (route.want === 'asIs') return { type: 'asItShould' };
  const twin = foreignTwin(route.key, router);
  if (twin !== undefined) {
    const detail = 'the same prefix and next hop stand there without our mark';
    return { type: 'conflict', conflict: { desired: route, with: twin, detail } };
  }
  const found = router.ours.get(routeId(route.key));
  if (route.want === 'absent') {
    if (found === undefined) return { type: 'asItShould' };
    return { type: 'change', change: changeFor('remove', route, found.attributes, route.reason) };
  }
  const wanted = attributesToWrite(route, rules);
  if (found !== undefined && sameAttributes(found.attributes, wanted, rules)) {
    return found.installed ? { type: 'asItShould' } : { type: 'inactive', route: found };
  }
  const conflict = sharedTagConflict(route, router, rules);
  if (conflict !== undefined) return { type: 'conflict', conflict };
  const reason = found === undefined ? route.reason : 'attributes-differ';
  return { type: 'change', change: changeFor('add', route, wanted, reason) };
}

/** Somebody else's line for the same prefix and next hop, whatever interface it names. */
function foreignTwin(key: RouteKey, router: Owned): ObservedRoute | undefined {
  return router.foreign.get(tableKey(key))?.find((other) => other.key.nextHop === key.nextHop);
}

/** FRR keeps one tag for all next hops of a prefix and distance: adding ours would retag the stranger beside it. */
function sharedTagConflict(route: DesiredRoute, router: Owned, rules: DiffRules): Conflict | undefined {
  if (rules.capabilities.tagScope !== 'prefix') return undefined;
  const distance = distanceOf(route.attributes);
  const beside = router.foreign.get(tableKey(route.key))?.find((other) => distanceOf(other.attributes) === distance);
  if (beside === undefined) return undefined;
  const detail = `an unmarked route via ${beside.key.nextHop} has the same prefix and distance; on this platform they share one tag, so adding ours would change it`;
  return { desired: route, with: beside, detail };
}

/** Sorts out what may never be written, and makes one wish of several for the same route. */
function admit(desired: readonly DesiredRoute[], rules: DiffRules) {
  const allowed = new Map<string, DesiredRoute>();
  const refused: DesiredRoute[] = [];
  for (const route of desired) {
    if (!isWritable(route.key, rules.anycastPrefixes)) {
      refused.push(route);
      continue;
    }
    const id = routeId(route.key);
    const other = allowed.get(id);
    // Two endpoints behind one next hop: one that wants the route is enough, and one without a verdict protects it.
    if (other === undefined || RANK[route.want] > RANK[other.want]) allowed.set(id, route);
  }
  return { allowed: [...allowed.values()], refused };
}

/** Which of several wishes for one route counts: the highest. */
export const RANK: Readonly<Record<DesiredRoute['want'], number>> = { present: 2, asIs: 1, absent: 0 };

/** A VRF or interface name that cannot break out of its place in a line. */
const WORD = /^[\w.:/@-]{1,64}$/;

/** Whether a router can be asked for the table (VRF) of that name. */
export function isTableName(name: string): boolean {
  return WORD.test(name);
}

function isWritable(key: RouteKey, anycastPrefixes: readonly string[]): boolean {
  return (
    isHostRouteInside(key.prefix, anycastPrefixes) &&
    parsePrefix(key.prefix)?.text === key.prefix &&
    canonicalAddress(key.nextHop) === key.nextHop &&
    isTableName(key.vrf) &&
    (key.interface === undefined || WORD.test(key.interface))
  );
}

function inSendingOrder(changes: readonly RouteChange[], addFirst: ReadonlySet<string>): RouteChange[] {
  const step = ({ op, key }: RouteChange) => {
    if (addFirst.has(key.prefix)) return op === 'add' ? 1 : 2;
    return op === 'remove' ? 0 : 3;
  };
  return changes.toSorted((a, b) => step(a) - step(b));
}

/** Next hops of one prefix in one table share their fate on some platforms. */
function tableKey({ vrf, prefix }: RouteKey): string {
  return `${vrf} ${prefix}`;
}

function distanceOf(attributes: RouteAttributes): number {
  return attributes.distance ?? DEFAULT_DISTANCE;
}

function tagsByPrefix(routes: readonly DesiredRoute[]): Map<string, Set<number>> {
  const tags = new Map<string, Set<number>>();
  for (const { key, attributes } of routes) {
    if (attributes.tag === undefined) continue;
    const known = tags.get(tableKey(key));
    if (known === undefined) tags.set(tableKey(key), new Set([attributes.tag]));
    else known.add(attributes.tag);
  }
  return tags;
}

function markName({ mark, capabilities }: DiffRules): string {
  return plain(mark.name).slice(0, capabilities.maxNameLength);
}

function isMarkName(name: string | undefined, rules: DiffRules): boolean {
  const own = markName(rules);
  return name === own || (name?.startsWith(`${own}-`) ?? false);
}

function nameToWrite(route: DesiredRoute, rules: DiffRules): string {
  const wanted = route.attributes.name ?? route.policy;
  const name = isMarkName(wanted, rules) ? wanted : `${markName(rules)}-${wanted}`;
  return plain(name).slice(0, rules.capabilities.maxNameLength);
}

/** A name without anything that a command line could read as more than one word. */
function plain(name: string): string {
  return name.replace(/[^\w.-]/g, '-');
}
