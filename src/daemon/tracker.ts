import { describeRules } from '../health/describe.ts';
import type { HealthRules } from '../health/rules.ts';
import {
  type EndpointHealth,
  type HealthEvent,
  type ProbeRef,
  type Transition,
  transition,
} from '../health/transition.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import { InternalError } from '../lib/errors.ts';
import type { DesiredRoute, Mark, ProbeResult, Track } from '../model.ts';
import type { AnytrackEvent, Emit } from '../notify/contract.ts';
import { desire } from '../policies/desire.ts';
import { type Evaluation, evaluate, stopVerdicts } from '../policies/evaluate.ts';
import type { Policy } from '../policies/policy.ts';
import type { Capabilities } from '../routers/contract.ts';

/** One probe of one target of one endpoint, by name. */
export interface ProbeName {
  readonly endpoint: string;
  readonly target: string;
  readonly probe: string;
}

export interface TrackerDependencies {
  readonly clock: Clock;
  readonly emit: Emit;
  readonly mark: Mark;
  /** Per router name. */
  readonly capabilities: Readonly<Record<string, Capabilities>>;
  /** Asks for a probe to run at its fast frequency, or no longer. */
  readonly setFast: (name: ProbeName, on: boolean) => void;
  /** Called with the policy's full set whenever the wanted routes may have changed. */
  readonly onDesired: (routes: readonly DesiredRoute[]) => void;
}

/** What a tracker knows, for the status. */
export interface TrackerSnapshot {
  readonly policy: Policy;
  readonly evaluation: Evaluation;
  readonly health: Readonly<Record<string, EndpointHealth>>;
}

interface EndpointState {
  readonly name: string;
  readonly rules: HealthRules;
  health: EndpointHealth | undefined;
  wakeAtMono: number | undefined;
  /** The probes that run fast now. */
  fast: ReadonlyMap<string, ProbeRef>;
}

/**
 * Follows one policy: results in, events and wanted routes out.
 * It only keeps the state of the pure functions between calls; every decision is made in `health` and `policies`.
 */
export class PolicyTracker {
  readonly policy: Policy;
  readonly #dependencies: TrackerDependencies;
  readonly #endpoints: ReadonlyMap<string, EndpointState>;
  #evaluation: Evaluation | undefined;
  #timer: { readonly at: number; readonly timer: Timer } | undefined;
  #closed = false;

  constructor(policy: Policy, dependencies: TrackerDependencies) {
    this.policy = policy;
    this.#dependencies = dependencies;
    this.#endpoints = new Map(
      policy.endpoints.map(({ name }) => {
        const rules = policy.health[name];
        if (rules === undefined) throw new InternalError('an endpoint has no health rules', { facts: { name } });
        return [name, { name, rules, health: undefined, wakeAtMono: undefined, fast: new Map() }];
      }),
    );
  }

  /** First evaluation: everything unknown, every route left as found (promise 4). */
  start(): void {
    this.#stepAll({ type: 'tick' });
  }

  /** Takes in the result of one run. Results for an endpoint that a reload has removed are dropped. */
  result(name: ProbeName, run: number, result: ProbeResult): void {
    const endpoint = this.#endpoints.get(name.endpoint);
    if (endpoint === undefined || this.#closed) return;
    const event = { type: 'result', target: name.target, probe: name.probe, run, result } as const;
    if (this.#step(endpoint, event)) this.#evaluate();
    this.#schedule();
  }

  /** The host slept: what is known is so much older than the monotonic clock says. */
  slept(ms: number): void {
    if (!this.#closed) this.#stepAll({ type: 'slept', ms });
  }

  /** A planned stop: publishes what the policy wants then (`onStop`) and takes no more results. */
  stop(): void {
    this.close();
    this.#publish(stopVerdicts(this.policy, this.#evaluation));
  }

  /** Ends it, and leaves no probe running fast: a successor could not know of it. */
  close(): void {
    this.#closed = true;
    for (const { name, fast } of this.#endpoints.values()) {
      for (const ref of fast.values()) this.#dependencies.setFast({ endpoint: name, ...ref }, false);
    }
    this.#timer?.timer.cancel();
    this.#timer = undefined;
  }

  snapshot(): TrackerSnapshot {
    const health = [...this.#endpoints.values()].flatMap(({ name, health }) => (health ? [[name, health]] : []));
    return { policy: this.policy, evaluation: this.#current(), health: Object.fromEntries(health) };
  }

  /** Time went by for every endpoint. */
  #stepAll(event: HealthEvent & { readonly type: 'tick' | 'slept' }): void {
    for (const endpoint of this.#endpoints.values()) this.#step(endpoint, event);
    this.#evaluate();
    this.#schedule();
  }

  /** @returns whether the endpoint's track changed, in its state or its reason */
  #step(endpoint: EndpointState, event: HealthEvent): boolean {
    const before = endpoint.health?.track;
    const outcome = transition(endpoint.health, event, endpoint.rules, this.#dependencies.clock.now());
    endpoint.health = outcome.state;
    endpoint.wakeAtMono = outcome.wakeAtMono;
    this.#follow(endpoint, outcome);
    for (const change of outcome.probeChanges) {
      this.#emit({ type: 'probeStateChanged', policy: this.policy.name, endpoint: endpoint.name, ...change });
    }
    if (before !== undefined && before.state !== outcome.track.state) this.#tellTrack(endpoint, before.state, outcome);
    // A new reason for the same state (a delay that began) belongs into the verdict's detail.
    return before?.state !== outcome.track.state || before.reason !== outcome.track.reason;
  }

  #tellTrack(endpoint: EndpointState, from: Track['state'], outcome: Transition): void {
    const states = [...this.#endpoints.values()].map(({ health }) => health?.track.state);
    this.#emit({
      type: 'trackChanged',
      policy: this.policy.name,
      address: this.policy.address,
      endpoint: endpoint.name,
      from,
      track: outcome.track,
      up: states.filter((state) => state === 'up').length,
      total: states.length,
      evidence: outcome.evidence,
      thresholds: describeRules(endpoint.rules),
    });
  }

  /** Runs suspected probes fast, and the others no longer. */
  #follow(endpoint: EndpointState, outcome: Transition): void {
    if (outcome.suspects.length === 0 && endpoint.fast.size === 0) return;
    const fast = new Map(outcome.suspects.map((ref) => [`${ref.target} ${ref.probe}`, ref]));
    for (const [key, ref] of fast) {
      if (!endpoint.fast.has(key)) this.#dependencies.setFast({ endpoint: endpoint.name, ...ref }, true);
    }
    for (const [key, ref] of endpoint.fast) {
      if (!fast.has(key)) this.#dependencies.setFast({ endpoint: endpoint.name, ...ref }, false);
    }
    endpoint.fast = fast;
  }

  #evaluate(): void {
    const tracks = [...this.#endpoints.values()].flatMap(({ name, health }) => (health ? [[name, health.track]] : []));
    this.#publish(evaluate(this.policy, Object.fromEntries(tracks), this.#evaluation, this.#dependencies.clock.now()));
  }

  /** Tells changed verdicts and hands on the wanted routes. */
  #publish(next: Evaluation): void {
    const previous = this.#evaluation;
    this.#evaluation = next;
    for (const verdict of next.verdicts) {
      const from = previous?.verdicts.find((candidate) => candidate.endpoint === verdict.endpoint);
      // The first word of a policy is `hold` while evidence is gathered: nothing has changed.
      if (from === undefined && verdict.action === 'hold') continue;
      if (from?.action === verdict.action && from.reason === verdict.reason) continue;
      const { name: policy, address } = this.policy;
      this.#emit({ type: 'verdictChanged', policy, address, verdict, from, up: next.up, total: next.total });
    }
    const { mark, capabilities } = this.#dependencies;
    this.#dependencies.onDesired(desire(this.policy, next, mark, capabilities));
  }

  /** A timer for the earliest lapse: a delay's end, staleness, a limit of the policy. One that fires early only looks again. */
  #schedule(): void {
    if (this.#closed) return;
    const times = [this.#evaluation?.wakeAtMono, ...[...this.#endpoints.values()].map(({ wakeAtMono }) => wakeAtMono)];
    const at = Math.min(...times.filter((time) => time !== undefined));
    if (!Number.isFinite(at) || (this.#timer !== undefined && this.#timer.at <= at)) return;
    this.#timer?.timer.cancel();
    const { clock } = this.#dependencies;
    const timer = clock.timer(at - clock.now(), () => {
      this.#timer = undefined;
      this.#stepAll({ type: 'tick' });
    });
    this.#timer = { at, timer };
  }

  #current(): Evaluation {
    if (this.#evaluation === undefined) throw new InternalError('the tracker was not started');
    return this.#evaluation;
  }

  #emit(event: DistributiveOmit<AnytrackEvent, 'at'>): void {
    this.#dependencies.emit({ ...event, at: this.#dependencies.clock.wall() });
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
