import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { Secret } from '../../src/lib/secret.ts';
import { probeKinds } from '../../src/probes/registry.ts';
import { platforms } from '../../src/routers/parts.ts';
import { compileSettings } from '../../src/settings/compile.ts';
import { formatProblem, type LoadedSettings } from '../../src/settings/contract.ts';
import { generatedFiles, REFERENCE_FILE, withTables } from '../../src/settings/generated.ts';
import { jsonSchemas } from '../../src/settings/json-schemas.ts';
import { readSources } from '../../src/settings/read.ts';
import { optionRows } from '../../src/settings/reference.ts';
import type { ProbeKinds } from '../../src/settings/schema/probe.ts';
import { KINDS, PLATFORMS } from './world.ts';

const root = new URL('../../', import.meta.url);
const textOf = (path: string) => readFileSync(new URL(path, root), 'utf8');

describe('generated files', () => {
  test.each([...generatedFiles(platforms, probeKinds)])('%s is up to date (npm run generate)', (path, text) => {
    expect(textOf(path)).toBe(text);
  });

  test('the tables of the reference are up to date (npm run generate)', () => {
    const text = textOf(REFERENCE_FILE);
    expect(withTables(text, platforms, probeKinds)).toBe(text);
  });

  test('the reference has a table for every kind of probe', () => {
    for (const kind of probeKinds.keys())
      expect(textOf(REFERENCE_FILE)).toContain(`<!-- options: ${kind} -->\n| option |`);
  });

  test('every option is in the reference, with a meaning', () => {
    const { anytrack, policy } = jsonSchemas(platforms, probeKinds);
    const text = textOf(REFERENCE_FILE);
    for (const row of [...optionRows(anytrack), ...optionRows(policy)]) {
      const key = row.path.replace(/^probes\.<name>\.(dns|http|radius)\./, '');
      expect(text).toContain(`| \`${key}\` |`);
      expect(row.meaning, row.path).not.toBe('');
    }
  });
});

describe('JSON Schemas', () => {
  const { anytrack, policy, template } = jsonSchemas(PLATFORMS, KINDS);

  test('a secret is a reference', () => {
    const text = JSON.stringify(anytrack);
    expect(text).toContain('"required":["credential"]');
    expect(text).not.toContain('"password":{}');
  });

  test('unknown keys are refused', () => expect(policy).toMatchObject({ additionalProperties: false }));

  test('platforms and kinds are those that are registered', () => {
    expect(JSON.stringify(anytrack)).toContain('"enum":["ios","frr"]');
    expect(JSON.stringify(policy)).toContain('"echo":{');
  });

  test('a policy needs its address, a template needs nothing', () => {
    expect(policy.required).toEqual(['address', 'routers', 'endpoints', 'probes']);
    expect(JSON.stringify(template)).not.toContain('"required":[');
  });
});

describe('the example in config/', () => {
  let loaded: LoadedSettings;
  beforeAll(async () => {
    const cwd = new URL('.', root).pathname;
    const sources = await readSources('config/anytrack.yaml', { cwd, env: {} });
    const readSecret = () => new Secret('example', 'file:example');
    const kinds: ProbeKinds = probeKinds;
    loaded = compileSettings(sources, { probeKinds: kinds, platforms, readSecret, fileTrouble: () => undefined });
  });

  test('has no problem', () => expect(loaded.problems.map(formatProblem)).toEqual([]));

  test('is what the demo runs', () => {
    expect(loaded.settings?.policies.map(({ name, address }) => `${name} ${address}`)).toEqual([
      'radius-10.0.0.3 10.0.0.3',
      'resolver-10.0.0.1 10.0.0.1',
      'resolver-v6 2001:db8:ac::53',
      'web-10.0.0.2 10.0.0.2',
    ]);
  });

  test.each([
    ['anytrack', 'anytrack.yaml'],
    ['policy', 'policies/web-10.0.0.2.yaml'],
    ['policy', 'policies/radius-10.0.0.3.yaml'],
    ['template', 'templates/resolver.yaml'],
  ] as const)('the %s schema takes %s as it is written, and nothing misspelt', (name, file) => {
    const schema = z.fromJSONSchema(JSON.parse(textOf(`config/${name}.schema.json`)));
    const written: object = parse(textOf(`config/${file}`));
    expect(schema.safeParse(written).error).toBeUndefined();
    expect(schema.safeParse({ ...written, nonsense: 1 }).success).toBe(false);
  });

  test.each([
    'anytrack.yaml',
    'policies/resolver-10.0.0.1.yaml',
    'policies/web-10.0.0.2.yaml',
    'templates/resolver.yaml',
  ])('%s names its schema for editors', (file) =>
    expect(textOf(`config/${file}`)).toMatch(/^# yaml-language-server: \$schema=(\.\.\/)?\w+\.schema\.json\n/),
  );
});
