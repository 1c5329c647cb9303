import type { DaemonDependencies } from '../daemon.ts';
import { withDeadline } from '../lib/abort.ts';
import { codeOf, OperatorError } from '../lib/errors.ts';
import type { DesiredRoute } from '../model.ts';
import type { Policy } from '../policies/policy.ts';
import { Scheduler } from '../probes/scheduler.ts';
import type { Capabilities, RouterError } from '../routers/contract.ts';
import { type Plan, Reconciler } from '../routers/reconciler.ts';
import type { Settings } from '../settings/contract.ts';
import type { Status } from '../web/status.ts';
import { type ProbeEntry, probeEntries, probeKey } from './entries.ts';
import { policyStatuses } from './status.ts';
import { PolicyTracker } from './tracker.ts';
import { ownTags, wishesFor } from './wishes.ts';

/** What one router would be sent, or why it could not be read. */
export type RouterPlan =
  | { readonly router: string; readonly plan: Plan }
  | { readonly router: string; readonly trouble: RouterError | OperatorError };

/** What `plan` finds out. */
export interface Plans {
  /** Endpoints with their verdicts, and each probe with its latest result. */
  readonly policies: Status['policies'];
  readonly routers: readonly RouterPlan[];
}

export type PlannerDependencies = Omit<DaemonDependencies, 'version' | 'log' | 'redact'>;

/**
 * Probes everything until each endpoint has a verdict, reads every router and works out what would be sent.
 * The same trackers, diff and renderers as the daemon's; nothing is written. Up and down delays are left out:
 * the plan shows where things are going, not when.
 * @param waitMs how long to wait for verdicts; endpoints without one are left as found
 */
export async function planRoutes(
  settings: Settings,
  options: { readonly waitMs: number; readonly signal: AbortSignal },
  dependencies: PlannerDependencies,
): Promise<Plans> {
  const parts = settings.routers.map((router) => ({
    router,
    ...dependencies.routerParts(router, settings.anycastPrefixes),
  }));
  const capabilities = Object.fromEntries(parts.map(({ router, platform }) => [router.name, platform.capabilities]));
  const { desired, policies } = await decide(settings, capabilities, options, dependencies);
  const plans = parts.map(async ({ router, ...rest }): Promise<RouterPlan> => {
    const { mark, anycastPrefixes, orphans } = settings;
    const { clock, random } = dependencies;
    const reconciler = new Reconciler(
      { router, mark, anycastPrefixes, orphans, policyTags: new Set(ownTags(settings.policies)) },
      { ...rest, clock, random, emit: () => {} },
    );
    reconciler.setDesired(...wishesFor(router.name, settings.policies, desired));
    try {
      return { router: router.name, plan: await reconciler.plan(options.signal) };
    } catch (error) {
      return { router: router.name, trouble: asTrouble(error) };
    } finally {
      await reconciler.close();
    }
  });
  return { policies, routers: await Promise.all(plans) };
}

interface Decided {
  /** The wanted routes of each policy. */
  readonly desired: ReadonlyMap<string, readonly DesiredRoute[]>;
  readonly policies: Status['policies'];
}

/** Runs the probes until every endpoint of every policy has a verdict, or the time is over. */
async function decide(
  settings: Settings,
  capabilities: Readonly<Record<string, Capabilities>>,
  options: { readonly waitMs: number; readonly signal: AbortSignal },
  { clock, random, sockets, probeKinds }: PlannerDependencies,
): Promise<Decided> {
  const desired = new Map<string, readonly DesiredRoute[]>();
  const { promise: complete, resolve } = Promise.withResolvers<void>();
  const policies = settings.policies.map(withoutDelays);
  const entries = new Map<string, ProbeEntry>(
    policies.flatMap((policy) => probeEntries(policy, probeKinds)).map((entry) => [entry.key, entry]),
  );
  const trackers = new Map<string, PolicyTracker>();
  const scheduler = new Scheduler(
    {
      onResult: (key, result, run) => {
        const entry = entries.get(key);
        if (entry !== undefined) trackers.get(entry.policy)?.result(entry.name, run, result);
        if ([...trackers.values()].every(isDecided)) resolve();
      },
    },
    { clock, random, sockets },
  );
  for (const policy of policies) {
    const tracker = new PolicyTracker(policy, {
      clock,
      emit: () => {},
      mark: settings.mark,
      capabilities,
      setFast: (name, on) => scheduler.fast(probeKey(policy.name, name), on),
      onDesired: (routes) => desired.set(policy.name, routes),
    });
    trackers.set(policy.name, tracker);
    tracker.start();
  }
  scheduler.set([...entries.values()]);
  scheduler.start(options.signal);
  const expired = () => new OperatorError('environment', 'not every endpoint has a verdict');
  // Running out of time is no failure: endpoints without a verdict are left as found, and the plan says so.
  await withDeadline(complete, options.waitMs, { signal: options.signal, clock, expired }).catch((error: unknown) => {
    if (codeOf(error) !== 'environment') throw error;
  });
  const snapshots = [...trackers.values()].map((tracker) => tracker.snapshot());
  const statistics = (key: string) => scheduler.statistics(key);
  const statuses = policyStatuses({ nowMono: clock.now(), trackers: snapshots, statistics });
  await scheduler.close();
  for (const tracker of trackers.values()) tracker.close();
  return { desired, policies: statuses };
}

function isDecided(tracker: PolicyTracker): boolean {
  return tracker.snapshot().evaluation.verdicts.every(({ action }) => action !== 'hold');
}

function withoutDelays(policy: Policy): Policy {
  const health = Object.entries(policy.health).map(([name, rules]) => [
    name,
    { ...rules, delay: { upMs: 0, downMs: 0 } },
  ]);
  return { ...policy, health: Object.fromEntries(health) };
}

function asTrouble(error: unknown): RouterError | OperatorError {
  if (error instanceof Error && 'code' in error) return error as RouterError;
  throw error;
}
