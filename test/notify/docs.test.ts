import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ENUMS, NOTIFICATIONS, OBJECTS } from '../../src/notify/mib.ts';
import { readText } from './sources.ts';

const file = new URL('../../docs/traps.md', import.meta.url);

/** `docs/traps.md` with the part between two markers written anew from the code. */
function withTable(text: string, marker: string, rows: readonly string[]): string {
  const [before = '', rest = ''] = text.split(`<!-- ${marker} -->\n`);
  const [, after = ''] = rest.split(`<!-- /${marker} -->\n`);
  return `${before}<!-- ${marker} -->\n${rows.join('\n')}\n<!-- /${marker} -->\n${after}`;
}

const notifications = [
  '| notification | OID | when | objects |',
  '|---|---|---|---|',
  ...Object.entries(NOTIFICATIONS).map(([name, { id, summary, objects }]) => {
    const own = objects.slice(4).map((object) => `\`${object.replace('anytrack', '')}\``);
    return `| \`${name}\` | \`.0.${id}\` | ${summary} | ${own.join(', ')} |`;
  }),
];

const SYNTAX: Readonly<Record<string, string>> = {
  text: 'SnmpAdminString',
  unsigned: 'Unsigned32',
  time: 'DateAndTime, UTC',
  addressType: 'InetAddressType',
  address: 'InetAddress',
  ...Object.fromEntries(
    Object.entries(ENUMS).map(([name, values]) => [
      name,
      Object.entries(values)
        .map(([word, value]) => `${word}(${value})`)
        .join(', '),
    ]),
  ),
};

/** The meaning of an object: its DESCRIPTION in the MIB. */
function meaningOf(name: string): string {
  const mib = readText('mibs/ANYTRACK-MIB.txt');
  const description = new RegExp(`^${name} OBJECT-TYPE[\\s\\S]*?DESCRIPTION\\s+"([^"]*)"`, 'm').exec(mib)?.[1] ?? '';
  return description.replaceAll(/\s+/g, ' ');
}

const objects = [
  '| object | OID | syntax | meaning |',
  '|---|---|---|---|',
  ...Object.entries(OBJECTS).map(
    ([name, { id, syntax }]) => `| \`${name}\` | \`.1.${id}\` | ${SYNTAX[syntax]} | ${meaningOf(name)} |`,
  ),
];

describe('docs/traps.md', () => {
  test.each([
    ['notifications', notifications],
    ['objects', objects],
  ])('its table of %s is what the code says (UPDATE_DOCS=1 writes it)', (marker, rows) => {
    const text = readFileSync(file, 'utf8');
    const wanted = withTable(text, marker, rows);
    if (process.env.UPDATE_DOCS === '1') writeFileSync(file, wanted);
    else expect(text).toBe(wanted);
  });
});
