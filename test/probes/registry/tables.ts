import type { ProbeKind } from '../../../src/probes/contract.ts';

/** The part of a JSON schema that the tables show. */
interface Field {
  readonly description?: string;
  readonly default?: unknown;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Field[];
  readonly oneOf?: readonly Field[];
  readonly items?: Field;
  readonly properties?: Readonly<Record<string, Field>>;
  readonly required?: readonly string[];
}

interface Row {
  readonly option: string;
  readonly field: Field;
  readonly required: boolean;
}

/**
 * The page with its tables filled in from the schemas: between `<!-- kinds -->` and `<!-- /kinds -->` the list of kinds,
 * after each `<!-- options:KIND -->` that kind's options.
 */
export function withProbeTables(
  page: string,
  kinds: ReadonlyMap<string, ProbeKind<unknown>>,
): { text: string; undescribed: string[] } {
  const undescribed: string[] = [];
  let text = fill(
    page,
    'kinds',
    table(
      ['Kind', 'What it does'],
      [...kinds].map(([name, kind]) => [`[${name}](#${name})`, kind.summary]),
    ),
  );
  for (const [name, kind] of kinds) {
    const rows = rowsOf(kind.schema.toJSONSchema({ io: 'input', unrepresentable: 'any' }) as Field);
    undescribed.push(...rows.filter(({ field }) => !field.description).map(({ option }) => `${name}: ${option}`));
    const cells = rows.map(({ option, field, required }) => [
      `\`${option}\``,
      allowed(field),
      required ? 'required' : defaultOf(field),
      field.description ?? '',
    ]);
    text = fill(text, `options:${name}`, table(['Option', 'Allowed', 'Default', 'Meaning'], cells));
  }
  return { text, undescribed };
}

function fill(page: string, marker: string, content: string): string {
  const [open, close] = [`<!-- ${marker} -->`, `<!-- /${marker} -->`];
  const [start, end] = [page.indexOf(open), page.indexOf(close)];
  if (start < 0 || end < start) throw new Error(`docs/probes.md has no ${open} and ${close}`);
  return `${page.slice(0, start)}${open}\n${content}\n${page.slice(end)}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function rowsOf(schema: Field, prefix = ''): Row[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const option = `${prefix}${name}`;
    return [{ option, field, required: schema.required?.includes(name) ?? false }, ...rowsOf(field, `${option}.`)];
  });
}

function allowed(field: Field): string {
  if (field.enum !== undefined) return field.enum.join(', ');
  if (field.const !== undefined) return String(field.const);
  const choices = field.anyOf ?? field.oneOf;
  if (choices !== undefined) return [...new Set(choices.map(allowed))].filter(Boolean).join('; ');
  if (field.type === 'array') return `list of ${allowed(field.items ?? {})}`.trim();
  return field.type ?? '';
}

function defaultOf({ default: value, properties }: Field): string {
  if (value === undefined || properties !== undefined) return '';
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}
