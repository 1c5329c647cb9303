/** Tables of all options, from the JSON Schemas: the generated part of docs/configuration.md. Pure. */
import type { JsonSchema } from './json-schemas.ts';

/** One option as the docs tell it. */
export interface OptionRow {
  /** `routers.<name>.port`, `notify.snmp[].target`. */
  readonly path: string;
  readonly type: string;
  readonly default: string;
  readonly meaning: string;
}

/** Every option of a schema, in the order of the file. */
export function optionRows(schema: JsonSchema, prefix = ''): OptionRow[] {
  const required = Array.isArray(schema.required) ? schema.required : [];
  const own = Object.entries(partsOf(schema.properties)).flatMap(([key, option]) => {
    const path = prefix === '' ? key : `${prefix}.${key}`;
    return [rowOf(path, option, required.includes(key)), ...innerRows(option, path)];
  });
  return own;
}

/** A Markdown table of the options. */
export function optionTable(rows: readonly OptionRow[]): string {
  const lines = rows.map(
    (row) => `| \`${row.path}\` | ${cell(row.type)} | ${cell(row.default)} | ${cell(row.meaning)} |`,
  );
  return ['| option | type | default | meaning |', '|---|---|---|---|', ...lines].join('\n');
}

function rowOf(path: string, option: JsonSchema, isRequired: boolean): OptionRow {
  return {
    path,
    type: typeOf(option),
    default: isRequired ? '**required**' : defaultOf(option),
    meaning: typeof option.description === 'string' ? option.description : '',
  };
}

/** Options inside an option: of a mapping, of the entries of a mapping or list, of the alternatives of a union. */
function innerRows(option: JsonSchema, path: string): OptionRow[] {
  if (typeof option.title === 'string') return [];
  const entry = partOf(option.additionalProperties);
  const item = partOf(option.items);
  return uniqueByPath([
    ...optionRows(option, path),
    ...(entry ? [...optionRows(entry, `${path}.<name>`), ...innerRows({ anyOf: entry.anyOf }, `${path}.<name>`)] : []),
    ...(item ? [...optionRows(item, `${path}[]`), ...innerRows({ anyOf: item.anyOf }, `${path}[]`)] : []),
    ...alternativesOf(option).flatMap((alternative) => alternativeRows(alternative, path)),
  ]);
}

/** The keys of an alternative are required only where it is the one that is chosen. */
function alternativeRows(alternative: JsonSchema, path: string): OptionRow[] {
  const { required, ...rest } = alternative;
  return innerRows(rest, path);
}

function uniqueByPath(rows: readonly OptionRow[]): OptionRow[] {
  return [...new Map(rows.map((row) => [row.path, row])).values()];
}

function typeOf(option: JsonSchema): string {
  if (typeof option.title === 'string') return shortTitle(option.title);
  if (Array.isArray(option.enum)) return option.enum.map(code).join(', ');
  if (option.const !== undefined) return code(option.const);
  const alternatives = alternativesOf(option);
  if (alternatives.length > 0) return [...new Set(alternatives.map(typeOf))].join(' or ');
  const item = partOf(option.items);
  if (item !== undefined) return `list of ${typeOf(item)}`;
  if (option.type === 'object') return option.properties === undefined ? 'mapping of names' : objectType(option);
  if (option.type === 'boolean') return 'true or false';
  if (option.type === 'string') return 'text';
  return option.type === 'integer'
    ? rangeOf(option)
    : [option.type ?? 'any'].flat().join(' or ').replace('string', 'text');
}

/** `a duration such as 500ms` -> `duration`: in a message it is part of a sentence, in a table it is a word. */
function shortTitle(title: string): string {
  return title.replace(/^an? /, '').replace(/ such as .*$/, '');
}

function objectType(option: JsonSchema): string {
  const required = Array.isArray(option.required) ? option.required : [];
  return required.length > 0 && required.length <= 3 ? `\`{ ${required.join(', ')} }\`` : 'mapping';
}

/** JSON Schema states the range of every integer; the bounds of the number type itself are none. */
function rangeOf({ minimum, maximum }: JsonSchema): string {
  const isBound = (value: unknown) => typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER;
  if (isBound(minimum) && isBound(maximum)) return `whole number from ${minimum} to ${maximum}`;
  return isBound(minimum) ? `whole number, at least ${minimum}` : 'whole number';
}

function defaultOf({ default: value }: JsonSchema): string {
  if (value === undefined || isEmpty(value)) return '';
  return code(typeof value === 'string' ? value : JSON.stringify(value));
}

function isEmpty(value: unknown): boolean {
  return value === '' || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
}

function alternativesOf(option: JsonSchema): JsonSchema[] {
  const list: unknown = option.anyOf ?? option.oneOf;
  return Array.isArray(list) ? list.map(partOf).filter((alternative) => alternative !== undefined) : [];
}

function partOf(value: unknown): JsonSchema | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}

function partsOf(value: unknown): Readonly<Record<string, JsonSchema>> {
  const entries = Object.entries(partOf(value) ?? {}).flatMap(([key, part]) => {
    const inner = partOf(part);
    return inner === undefined ? [] : [[key, inner] as const];
  });
  return Object.fromEntries(entries);
}

function code(value: unknown): string {
  return `\`${String(value)}\``;
}

/** A bar would end the cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
