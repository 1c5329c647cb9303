import type { ProbeKind } from './contract.ts';
import { dns } from './dns.ts';
import { http } from './http.ts';
import { radius } from './radius.ts';

/** Every probe kind, by its key in YAML. A completeness test holds it together with the folder and docs/probes.md. */
// biome-ignore lint/suspicious/noExplicitAny: options differ per kind; each kind's schema is what guards its own.
export const probeKinds: ReadonlyMap<string, ProbeKind<any>> = new Map<string, ProbeKind<any>>([
  [dns.kind, dns],
  [http.kind, http],
  [radius.kind, radius],
]);
