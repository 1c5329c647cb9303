import { describe, expect, test } from 'vitest';
import { Secret } from '../../src/lib/secret.ts';
import { changedPolicies } from '../../src/settings/changes.ts';
import { POLICY, SITE, settingsOf, type World } from './world.ts';

const other = POLICY.replace('10.0.0.1', '10.0.0.2');
const base: World = { policies: { a: POLICY, b: other } };
const same = {
  added: [],
  removed: [],
  changed: [],
  unchanged: ['a', 'b'],
  routersAdded: [],
  routersRemoved: [],
  routersChanged: [],
  sectionsChanged: [],
};
const password = (text: string) => () => new Secret(text, 'env:PASSWORD');
const secretive = POLICY.replace('text: hello', 'text: hello, secret: { env: PASSWORD }');

describe('changedPolicies', () => {
  test.each<[string, World, World, object]>([
    ['nothing', base, base, {}],
    ['a comment', base, { policies: { a: `# new\n${POLICY}`, b: other } }, {}],
    ['a default written out', base, { policies: { a: `${POLICY}onStop: hold\n`, b: other } }, {}],
    ['a policy more', { policies: { a: POLICY } }, base, { added: ['b'], unchanged: ['a'] }],
    ['a policy less', base, { policies: { b: other } }, { removed: ['a'], unchanged: ['b'] }],
    [
      'a policy',
      base,
      { policies: { a: `${POLICY}onStop: withdraw\n`, b: other } },
      { changed: ['a'], unchanged: ['b'] },
    ],
    [
      'a policy renamed',
      { policies: { a: POLICY } },
      { policies: { c: POLICY } },
      { added: ['c'], removed: ['a'], unchanged: [] },
    ],
    ['a router', base, { ...base, site: SITE.replace('192.0.2.1', '192.0.2.3') }, { routersChanged: ['edge1'] }],
    ['a router less', base, { ...base, site: SITE.replace(/ {2}core1[\s\S]*$/, '') }, { routersRemoved: ['core1'] }],
    [
      'a router renamed',
      base,
      { ...base, site: SITE.replace('core1', 'core2') },
      { routersAdded: ['core2'], routersRemoved: ['core1'] },
    ],
    ['the mark', base, { ...base, site: SITE.replace('4200', '4201') }, { sectionsChanged: ['mark'] }],
    ['the log level', base, { ...base, site: `${SITE}log: { level: debug }\n` }, { sectionsChanged: ['log'] }],
    [
      'a password behind the same reference',
      { policies: { a: POLICY, b: other }, readSecret: password('old') },
      { policies: { a: POLICY, b: other }, readSecret: password('new') },
      { routersChanged: ['edge1'] },
    ],
    [
      'a secret of a probe behind the same reference',
      { policies: { a: secretive, b: other }, readSecret: password('old') },
      { policies: { a: secretive, b: other }, readSecret: password('new') },
      { routersChanged: ['edge1'], changed: ['a'], unchanged: ['b'] },
    ],
  ])('%s', (_, before, after, difference) => {
    expect(changedPolicies(settingsOf(before), settingsOf(after))).toEqual({ ...same, ...difference });
  });
});
