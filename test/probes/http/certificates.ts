/** A CA of its own and certificates by it, made by openssl in a temporary folder; nothing of it is kept. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program } from '../../support/real.ts';

/** The name that the good certificates are for. */
export const NAME = 'www.example.test';

interface Pair {
  readonly cert: string;
  readonly key: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** Which certificate a server shows. */
export type PairName = 'good' | 'expired' | 'otherName' | 'client';

export interface Certificates extends Disposable, Readonly<Record<PairName, Pair>> {
  readonly ca: string;
  readonly caFile: string;
  /** For NAME, 127.0.0.1 and ::1, ten days. */
  readonly good: Pair;
  /** The same, but its end has passed. */
  readonly expired: Pair;
  /** For another name. */
  readonly otherName: Pair;
  readonly client: Pair;
}

export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'anytrack-certificates-'));
  const path = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync(program('openssl') ?? 'openssl', args, { stdio: 'pipe' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout'];

  openssl('req', '-x509', ...newKey, path('ca.key'), '-out', path('ca.pem'), '-subj', '/CN=test CA', '-days', '10');
  const issue = (name: string, alternatives: string, days: number): Pair => {
    openssl('req', ...newKey, path(`${name}.key`), '-out', path(`${name}.csr`), '-subj', `/CN=${name}`);
    writeFileSync(path(`${name}.ext`), `subjectAltName=${alternatives}\n`);
    const ca = ['-CA', path('ca.pem'), '-CAkey', path('ca.key'), '-CAcreateserial', '-extfile', path(`${name}.ext`)];
    openssl('x509', '-req', '-in', path(`${name}.csr`), ...ca, '-days', String(days), '-out', path(`${name}.pem`));
    const [certFile, keyFile] = [path(`${name}.pem`), path(`${name}.key`)];
    return { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8'), certFile, keyFile };
  };
  const here = `DNS:${NAME},IP:127.0.0.1,IP:::1`;
  return {
    ca: readFileSync(path('ca.pem'), 'utf8'),
    caFile: path('ca.pem'),
    good: issue('good', here, 10),
    expired: issue('expired', here, -1),
    otherName: issue('other', 'DNS:other.example.test', 10),
    client: issue('client', 'DNS:probe.example.test', 10),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
