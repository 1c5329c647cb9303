/** JSON Schemas of the files, for completion in editors. Pure. */
import { z } from 'zod';
import type { Platforms } from './rules/case.ts';
import { policyFile } from './schema/policy.ts';
import type { ProbeKinds } from './schema/probe.ts';
import { siteFile } from './schema/site.ts';

/** A JSON Schema, or a part of one, as plain data. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** The schemas of `anytrack.yaml`, of policies and of templates, as they are written before defaults. */
export function jsonSchemas(
  platforms: Platforms,
  kinds: ProbeKinds,
): Readonly<Record<'anytrack' | 'policy' | 'template', JsonSchema>> {
  const policy = toJsonSchema(
    policyFile(kinds),
    'An anycast address and how its routes follow the health of its endpoints.',
  );
  return {
    anytrack: toJsonSchema(siteFile([...platforms.keys()]), 'The site, its routers and who is told.'),
    policy,
    template: { ...withoutRequired(policy), description: 'A part of a policy, for those that extend it.' },
  };
}

function toJsonSchema(schema: z.ZodType, description: string): JsonSchema {
  // `any`: a Secret has no JSON Schema of its own; its meta data describe the reference.
  return { ...z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }), description };
}

/** Nothing is required of a part. */
function withoutRequired(schema: JsonSchema): JsonSchema {
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key, value]) => !(key === 'required' && Array.isArray(value)))
      .map(([key, value]) => [key, strip(value)]),
  );
}

function strip(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strip);
  return typeof value === 'object' && value !== null ? withoutRequired({ ...value }) : value;
}
