/** What a zod schema allows at a path: for hints and messages about schemas that others wrote. Pure. */
import { z } from 'zod';
import type { Path } from './tree.ts';

// zod's own union of all schema classes; `def.type` discriminates it.
type AnySchema = z.core.$ZodTypes;

/** The keys that are known at `path`. */
export function keysAt(schema: z.core.$ZodType, path: Path): string[] {
  const keys = schemasAt(schema, path).flatMap((s) => {
    const { def } = (s as AnySchema)._zod;
    return def.type === 'object' ? Object.keys(def.shape) : [];
  });
  return [...new Set(keys)];
}

/** What may stand at `path`, in words: `immediate, { consecutive } or { xOfY }`. */
export function allowedAt(schema: z.core.$ZodType, path: Path): string {
  const words = [...new Set(schemasAt(schema, path).map(inWords))];
  const last = words.pop() ?? 'something else';
  return words.length === 0 ? last : `${words.join(', ')} or ${last}`;
}

function schemasAt(schema: z.core.$ZodType, path: Path): z.core.$ZodType[] {
  let here = unwrap(schema);
  for (const step of path) here = here.flatMap((s) => stepInto(s as AnySchema, step)).flatMap(unwrap);
  return here;
}

/** The schemas behind wrappers and unions. A titled schema is a leaf: its title says what it allows. */
function unwrap(schema: z.core.$ZodType): z.core.$ZodType[] {
  if (titleOf(schema) !== undefined) return [schema];
  const { def } = (schema as AnySchema)._zod;
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
    case 'catch':
      return unwrap(def.innerType);
    case 'lazy':
      return unwrap(def.getter());
    case 'pipe':
      // A preprocess step (a transform in front) says nothing; what follows it does.
      return unwrap((def.in as AnySchema)._zod.def.type === 'transform' ? def.out : def.in);
    case 'union':
      return def.options.flatMap(unwrap);
    case 'intersection':
      return [...unwrap(def.left), ...unwrap(def.right)];
    default:
      return [schema];
  }
}

function stepInto(schema: AnySchema, step: string | number): z.core.$ZodType[] {
  const { def } = schema._zod;
  if (def.type === 'object') {
    const inner = Object.hasOwn(def.shape, step) ? def.shape[step] : def.catchall;
    // The catch-all of a strict object is `never`: nothing is allowed there.
    return inner === undefined || (inner as AnySchema)._zod.def.type === 'never' ? [] : [inner];
  }
  if (def.type === 'record') return [def.valueType];
  if (def.type === 'array') return [def.element];
  if (def.type === 'tuple') return def.items.slice(Number(step), Number(step) + 1);
  return [];
}

const WORDS: Readonly<Partial<Record<z.core.$ZodTypeDef['type'], string>>> = {
  string: 'text',
  template_literal: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  record: 'a mapping',
};

function inWords(schema: z.core.$ZodType): string {
  const title = titleOf(schema);
  if (title !== undefined) return title;
  const { def } = (schema as AnySchema)._zod;
  if (def.type === 'literal') return def.values.map((value) => `\`${value}\``).join(', ');
  if (def.type === 'enum')
    return Object.values(def.entries)
      .map((value) => `\`${value}\``)
      .join(', ');
  if (def.type === 'object') return mappingInWords(def.shape);
  return WORDS[def.type] ?? 'another value';
}

function mappingInWords(shape: Readonly<Record<string, z.core.$ZodType>>): string {
  const all = Object.keys(shape);
  const required = all.filter((key) => !isOptional(shape[key]));
  const shown = required.length > 0 ? required : all;
  return shown.length === 0 || shown.length > 4 ? 'a mapping' : `{ ${shown.join(', ')} }`;
}

function isOptional(schema: z.core.$ZodType | undefined): boolean {
  return schema === undefined || z.safeParse(schema, undefined).success;
}

function titleOf(schema: z.core.$ZodType): string | undefined {
  return z.globalRegistry.get(schema)?.title;
}
