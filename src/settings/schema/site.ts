/** `anytrack.yaml`: the site, its routers and who is told. */
import { z } from 'zod';
import { DEFAULTS } from '../defaults.ts';
import { NotifySection } from './notify.ts';
import { routerEntry } from './router.ts';
import { FilePath, Name, Prefix, Tag } from './scalars.ts';

/** The file's schema, for the platforms that are registered. */
export function siteFile(platforms: readonly string[]) {
  return z.strictObject({
    site: Name.describe('Name of this site; stands in every notification.'),
    anycastPrefixes: z
      .array(Prefix)
      .min(1, { error: 'must hold at least one prefix' })
      .describe('The anycast space. No route outside it is ever touched, and only host routes inside it.'),
    mark: z
      .strictObject({
        tag: Tag.describe('Route tag that is reserved for anytrack on every router.'),
        name: z
          .string()
          .regex(/^[A-Za-z][A-Za-z0-9_]{0,15}$/, {
            error: 'must have 1 to 16 letters, digits or `_`, and start with a letter',
          })
          .meta({ title: 'a word' })
          .default(DEFAULTS.mark.name)
          .describe('First part of the name of every route, on platforms whose routes have names.'),
      })
      .describe('How a route on a router is known to be ours.'),
    routers: z.record(Name, routerEntry(platforms)).describe('The routers beside this anytrack, by name.'),
    notify: NotifySection.prefault({}).describe('Who is told what happened.'),
    log: z
      .strictObject({
        level: z
          .enum(['error', 'warn', 'info', 'debug'])
          .default(DEFAULTS.logLevel)
          .describe('What is logged: this level and those before it.'),
      })
      .prefault({})
      .describe('Log output.'),
    orphans: z
      .enum(['report', 'remove'])
      .default(DEFAULTS.orphans)
      .describe(
        'What happens to a route with our mark that no policy names: `report` tells, `remove` also withdraws it.',
      ),
    controlSocket: FilePath.default(DEFAULTS.controlSocket).describe(
      'UNIX socket that `anytrack status` asks, relative to this file.',
    ),
    policies: FilePath.default(DEFAULTS.policiesFolder).describe(
      'Folder of the policies, one `*.yaml` per anycast address, relative to this file.',
    ),
    templates: FilePath.default(DEFAULTS.templatesFolder).describe(
      'Folder of the templates that policies may extend, relative to this file.',
    ),
  });
}

/** The file as written, with defaults. */
export type SiteFile = z.output<ReturnType<typeof siteFile>>;
