/** `anytrack.yaml` as written -> what the daemon works with: absolute paths, lists with names. Pure. */
import { dirname, resolve } from 'node:path';
import type { NotifySettings } from '../notify/contract.ts';
import type { RouterSettings } from '../routers/contract.ts';
import type { Settings } from './contract.ts';
import { defined } from './defined.ts';
import type { RouterEntry } from './schema/router.ts';
import type { SiteFile } from './schema/site.ts';

/** Everything but the policies. */
export type SiteSettings = Omit<Settings, 'policies'>;

/**
 * @param file path of the file, as it is shown
 * @param base absolute folder that `file` is relative to
 */
export function normaliseSite(site: SiteFile, file: string, base: string): SiteSettings {
  const absolute = (path: string) => resolve(base, dirname(file), path);
  return {
    site: site.site,
    anycastPrefixes: site.anycastPrefixes,
    mark: site.mark,
    routers: Object.entries(site.routers).map(([name, entry]) => normaliseRouter(name, entry, absolute)),
    notify: normaliseNotify(site.notify, absolute),
    log: site.log,
    orphans: site.orphans,
    controlSocket: absolute(site.controlSocket),
  };
}

type Absolute = (path: string) => string;

function normaliseRouter(name: string, entry: RouterEntry, absolute: Absolute): RouterSettings {
  const { password, privateKey, passphrase, enablePassword, witness } = entry;
  return {
    name,
    platform: entry.platform,
    transport: entry.transport,
    address: entry.address,
    port: entry.port,
    // Only the memory transport may go without; a rule sees to it.
    username: entry.username ?? '',
    hostKeys: entry.hostKey === undefined ? [] : [entry.hostKey].flat(),
    ...defined({
      knownHosts: entry.knownHosts && absolute(entry.knownHosts),
      agent: entry.agent && absolute(entry.agent),
      password,
      privateKey,
      passphrase,
      enablePassword,
      witness: witness && normaliseWitness(witness, entry.address),
    }),
    legacyAlgorithms: entry.legacyAlgorithms,
    commandTimeoutMs: entry.commandTimeout,
    readyTimeoutMs: entry.readyTimeout,
    keepaliveMs: entry.keepalive,
    driftCheckMs: entry.driftCheck,
    save: entry.save,
  };
}

function normaliseWitness({ snmp }: NonNullable<RouterEntry['witness']>, routerAddress: string) {
  return { address: snmp.address ?? routerAddress, port: snmp.port, community: snmp.community };
}

function normaliseNotify(notify: SiteFile['notify'], absolute: Absolute): NotifySettings {
  return {
    snmp: notify.snmp.map(({ target, timeout, ...rest }) => ({ ...rest, address: target, timeoutMs: timeout })),
    baseOid: notify.baseOid,
    heartbeatMs: notify.heartbeat,
    ...defined({ auditFile: notify.auditFile && absolute(notify.auditFile) }),
  };
}
