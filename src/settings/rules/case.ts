/** What the rules judge. A rule is a pure function from one of these to findings. */

import type { Policy } from '../../policies/policy.ts';
import type { Capabilities } from '../../routers/contract.ts';
import type { SiteSettings } from '../normalise-site.ts';
import type { PolicyFile } from '../schema/policy.ts';
import type { ProbeKinds } from '../schema/probe.ts';
import type { SiteFile } from '../schema/site.ts';

/** What the rules need to know of a platform. */
interface PlatformTraits {
  readonly capabilities: Pick<Capabilities, 'routeNames' | 'maxNameLength' | 'tracks'>;
}

/** What a configuration may name as a platform. */
export type Platforms = ReadonlyMap<string, PlatformTraits>;

/** A policy as written and as normalised. */
export interface PolicyCase {
  readonly file: PolicyFile;
  readonly policy: Policy;
  readonly kinds: ProbeKinds;
}

/** The site as written and as normalised. */
export interface SiteCase {
  readonly file: SiteFile;
  readonly settings: SiteSettings;
  readonly platforms: Platforms;
  /** Why a file cannot be read; undefined if it can. */
  readonly fileTrouble: (path: string) => string | undefined;
}
