import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

export const MIB_FILE = `${root}mibs/ANYTRACK-MIB.txt`;

/** Where the MIB tools find ANYTRACK-MIB and what it imports; see mibs/standard/README.md. */
export const MIB_FOLDERS: readonly string[] = [
  `${root}mibs`,
  `${root}mibs/standard`,
  `${root}node_modules/net-snmp/lib/mibs`,
].filter((folder) => existsSync(folder));
