import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DEFAULT_BASE_OID, ENUMS, NOTIFICATIONS, notificationOid, OBJECTS, objectOid } from '../../src/notify/mib.ts';
import { program, realTest } from '../support/real.ts';
import { MIB_FILE, MIB_FOLDERS } from './mib-folders.ts';

const text = readFileSync(MIB_FILE, 'utf8').replaceAll(/--.*$/gm, '');

interface Definition {
  readonly id: number;
  readonly body: string;
}

/** The macros of one kind in the module: name, body and number. */
function definitions(macro: string, parent: string): Map<string, Definition> {
  const pattern = new RegExp(`^(\\w+) ${macro}\\n((?:(?!^\\w).*\\n)*?) +::= \\{ ${parent} (\\d+) \\}`, 'gm');
  return new Map([...text.matchAll(pattern)].map(([, name = '', body = '', id]) => [name, { id: Number(id), body }]));
}

/** The words between the braces after a keyword. */
function listOf(body: string, keyword: string): string[] {
  const inside = new RegExp(`${keyword} \\{([^}]*)\\}`).exec(body)?.[1] ?? '';
  return inside.split(',').map((word) => word.trim());
}

const SYNTAX: Readonly<Record<string, string>> = {
  text: 'SnmpAdminString',
  unsigned: 'Unsigned32',
  time: 'DateAndTime',
  addressType: 'InetAddressType',
  address: 'InetAddress',
  state: 'AnytrackState',
  verdict: 'AnytrackVerdict',
  operation: 'INTEGER { add(1), remove(2) }',
};

describe('mibs/ANYTRACK-MIB.txt says what src/notify/mib.ts says', () => {
  const objects = definitions('OBJECT-TYPE', 'anytrackObjects');
  const notifications = definitions('NOTIFICATION-TYPE', 'anytrackNotifications');

  test('the same objects, by number, in the same syntax, for notifications only', () => {
    expect([...objects.keys()]).toEqual(Object.keys(OBJECTS));
    for (const [name, { id, syntax }] of Object.entries(OBJECTS)) {
      const found = objects.get(name);
      expect([name, found?.id]).toEqual([name, id]);
      expect(/SYNTAX +(.*)/.exec(found?.body ?? '')?.[1]).toBe(SYNTAX[syntax]);
      expect(found?.body).toMatch(/MAX-ACCESS +accessible-for-notify/);
    }
  });

  test('the same notifications, by number, with the same objects in the same order', () => {
    expect([...notifications.keys()]).toEqual(Object.keys(NOTIFICATIONS));
    for (const [name, { id, objects: carried }] of Object.entries(NOTIFICATIONS)) {
      const found = notifications.get(name);
      expect([name, found?.id]).toEqual([name, id]);
      expect(listOf(found?.body ?? '', 'OBJECTS')).toEqual(carried);
    }
  });

  test('the same named numbers', () => {
    const enumOf = (values: Readonly<Record<string, number>>) =>
      `INTEGER { ${Object.entries(values)
        .map(([name, value]) => `${name}(${value})`)
        .join(', ')} }`;
    expect(text).toMatch(new RegExp(`AnytrackState ::=[\\s\\S]*?SYNTAX +${literally(enumOf(ENUMS.state))}`));
    expect(text).toMatch(new RegExp(`AnytrackVerdict ::=[\\s\\S]*?SYNTAX +${literally(enumOf(ENUMS.verdict))}`));
    expect(SYNTAX.operation).toBe(enumOf(ENUMS.operation));
  });

  test('the groups name everything', () => {
    expect(listOf(/^anytrackObjectGroup[\s\S]*?::=/m.exec(text)?.[0] ?? '', 'OBJECTS')).toEqual(Object.keys(OBJECTS));
    const group = /^anytrackNotificationGroup[\s\S]*?::=/m.exec(text)?.[0] ?? '';
    expect(listOf(group, 'NOTIFICATIONS')).toEqual(Object.keys(NOTIFICATIONS));
  });

  test('the same place: under netSnmpPlaypen, and movable', () => {
    expect(text).toContain('::= { enterprises 8072 9999 9999 4200 }');
    expect(DEFAULT_BASE_OID).toBe('1.3.6.1.4.1.8072.9999.9999.4200');
    expect(notificationOid('1.2.3', 'anytrackVerdictChange')).toBe('1.2.3.0.3');
    expect(objectOid('1.2.3', 'anytrackDetail')).toBe('1.2.3.1.22.0');
  });
});

describe('smilint', () => {
  const lint = (file: string) => {
    try {
      const options = {
        encoding: 'utf8',
        env: { ...process.env, SMIPATH: MIB_FOLDERS.join(':') },
        stdio: 'pipe',
      } as const;
      // libsmi writes what it finds to standard error; both are wanted.
      return execFileSync('/bin/sh', ['-c', '"$0" -l 3 "$1" 2>&1', program('smilint') ?? '', file], options);
    } catch (error) {
      return String((error as { stdout?: string }).stdout);
    }
  };

  realTest('finds nothing at level 3 or worse', ['smilint'], async () => {
    expect(lint(MIB_FILE)).toBe('');
  });

  realTest('would find something', ['smilint'], async () => {
    const folder = mkdtempSync(join(tmpdir(), 'at-mib-'));
    try {
      const broken = readFileSync(MIB_FILE, 'utf8').replace('SYNTAX      InetAddressType', 'SYNTAX      NoSuchType');
      writeFileSync(join(folder, 'ANYTRACK-MIB.txt'), broken);
      expect(lint(join(folder, 'ANYTRACK-MIB.txt'))).toContain('NoSuchType');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

function literally(literal: string): string {
  return literal.replaceAll(/[{}()]/g, '\\$&');
}
