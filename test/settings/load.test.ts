import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { formatProblem } from '../../src/settings/contract.ts';
import { loadSettings } from '../../src/settings/load.ts';
import { KINDS, PLATFORMS, POLICY, SITE } from './world.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'anytrack-load-'));
  mkdirSync(join(cwd, 'config/policies'), { recursive: true });
  writeFileSync(join(cwd, 'config/anytrack.yaml'), SITE);
  writeFileSync(join(cwd, 'config/known_hosts'), '');
  writeFileSync(join(cwd, 'config/policies/web.yaml'), POLICY);
});
afterEach(() => rmSync(cwd, { recursive: true }));

async function load(file = 'config/anytrack.yaml') {
  const deps = { cwd, env: { PASSWORD: 'x' }, probeKinds: KINDS, platforms: PLATFORMS };
  const loaded = await loadSettings(file, deps);
  return { ...loaded, messages: loaded.problems.map(formatProblem) };
}
const write = (path: string, text: string) => writeFileSync(join(cwd, path), text);

describe('loading from disk', () => {
  test('a good folder gives settings', async () => {
    const { settings, messages } = await load();
    expect(messages).toEqual([]);
    expect(settings?.policies.map((policy) => policy.name)).toEqual(['web']);
    expect(settings?.routers[1]?.knownHosts).toBe(join(cwd, 'config/known_hosts'));
  });

  test('an absolute path gives the same, with absolute names', async () => {
    write('config/policies/web.yaml', 'a: 1');
    const { messages } = await load(join(cwd, 'config/anytrack.yaml'));
    expect(messages[0]).toContain(`${join(cwd, 'config/policies/web.yaml')}:1:1`);
  });

  test('policies and templates may stand elsewhere', async () => {
    renameSync(join(cwd, 'config/policies'), join(cwd, 'addresses'));
    mkdirSync(join(cwd, 'shared'));
    write('shared/base.yaml', 'onStop: withdraw\n');
    write('addresses/web.yaml', `extends: base\n${POLICY}`);
    write('config/anytrack.yaml', `${SITE}policies: ../addresses\ntemplates: ${join(cwd, 'shared')}\n`);
    const { settings, messages } = await load();
    expect(messages).toEqual([]);
    expect(settings?.policies[0]).toMatchObject({ name: 'web', onStop: 'withdraw' });
  });

  test.each<[string, () => void, string[]]>([
    [
      'no site file',
      () => rmSync(join(cwd, 'config/anytrack.yaml')),
      ['config/anytrack.yaml:1:1: cannot be read: no such file or folder'],
    ],
    [
      'no policies folder',
      () => rmSync(join(cwd, 'config/policies'), { recursive: true }),
      ['config/anytrack.yaml:1:1: folder config/policies/ cannot be read: no such file or folder'],
    ],
    [
      'an empty policies folder',
      () => rmSync(join(cwd, 'config/policies/web.yaml')),
      ['config/anytrack.yaml:1:1: there is no policy: the policies folder holds no `*.yaml` file'],
    ],
    [
      'a template folder that is named and missing',
      () => write('config/anytrack.yaml', `${SITE}templates: tmpl\n`),
      ['config/anytrack.yaml:1:1: folder config/tmpl cannot be read: no such file or folder'],
    ],
    [
      'a policy with another extension',
      () => cpSync(join(cwd, 'config/policies/web.yaml'), join(cwd, 'config/policies/web.yml')),
      ['config/policies/web.yml:1:1: files of this folder end in `.yaml`; rename or move it'],
    ],
    [
      'a folder called like a policy',
      () => mkdirSync(join(cwd, 'config/policies/x.yaml')),
      ['config/policies/x.yaml:1:1: cannot be read: it is a folder'],
    ],
    ['a hidden file of an editor', () => write('config/policies/.#web.yaml', '['), []],
    ['another file', () => write('config/policies/README', '['), []],
  ])('%s', async (_, change, messages) => {
    change();
    expect((await load()).messages).toEqual(messages);
  });

  test('policies are checked even where the site file is not YAML', async () => {
    write('config/anytrack.yaml', 'site: [');
    write('config/policies/web.yaml', POLICY.replace('10.0.0.1', '10.0.0.1/32'));
    expect((await load()).messages).toEqual([
      expect.stringMatching(/^config\/anytrack\.yaml:1:\d+: not valid YAML/),
      expect.stringContaining('config/policies/web.yaml:1:10 address: must be one address'),
    ]);
  });
});
