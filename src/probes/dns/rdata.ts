/** Record data as text, in one canonical form for the transcript and for comparison with what the operator wrote. */
import type { Answer, SoaData } from 'dns-packet';
import { canonicalAddress } from '../../lib/ip.ts';

/** A name in lower case without its trailing dot; the root is `.`. Names compare so (RFC 4343). */
export function canonicalName(name: string): string {
  const lower = name.toLowerCase();
  return lower.length > 1 && lower.endsWith('.') ? lower.slice(0, -1) : lower;
}

/**
 * Data of a decoded record in canonical text, in the order of a zone file:
 * `192.0.2.10`, `10 mail.example.net`, the joined strings of a TXT. Unknown types as in RFC 3597: `\# 4 c000020a`.
 */
export function rdataText(record: Answer): string {
  switch (record.type) {
    case 'A':
      return record.data;
    case 'AAAA':
      return canonicalAddress(record.data) ?? record.data;
    case 'CNAME':
    case 'DNAME':
    case 'NS':
    case 'PTR':
      return canonicalName(record.data);
    case 'TXT':
      return txtText(record.data);
    case 'MX':
      return `${record.data.preference ?? 0} ${canonicalName(record.data.exchange)}`;
    case 'SRV': {
      const { priority, weight, port, target } = record.data;
      return `${priority ?? 0} ${weight ?? 0} ${port} ${canonicalName(target)}`;
    }
    case 'SOA':
      return soaText(record.data);
    default:
      return rareText(record);
  }
}

function txtText(data: string | Buffer | (string | Buffer)[]): string {
  const parts = Array.isArray(data) ? data : [data];
  // Joined as octets: a character may lie across two strings.
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part))).toString('utf8');
}

function soaText({ mname, rname, serial, refresh, retry, expire, minimum }: SoaData): string {
  const numbers = [serial, refresh, retry, expire, minimum].map((value) => value ?? 0);
  return [canonicalName(mname), canonicalName(rname), ...numbers].join(' ');
}

function rareText(record: Answer): string {
  switch (record.type) {
    case 'CAA':
      return `${record.data.flags ?? 0} ${record.data.tag} ${record.data.value}`;
    case 'DS':
      return `${record.data.keyTag} ${record.data.algorithm} ${record.data.digestType} ${record.data.digest.toString('hex')}`;
    case 'DNSKEY':
      return `${record.data.flags} 3 ${record.data.algorithm} ${record.data.key.toString('base64')}`;
    case 'SSHFP':
      return `${record.data.algorithm} ${record.data.hash} ${record.data.fingerprint.toLowerCase()}`;
    case 'TLSA': {
      const { usage, selector, matchingType, certificate } = record.data;
      return `${usage} ${selector} ${matchingType} ${certificate.toString('hex')}`;
    }
    case 'HINFO':
      return `${record.data.cpu} ${record.data.os}`;
    case 'RP':
      return `${canonicalName(record.data.mbox)} ${canonicalName(record.data.txt)}`;
    case 'NAPTR': {
      const { order, preference, flags, services, regexp, replacement } = record.data;
      return [order, preference, flags, services, regexp, canonicalName(replacement)].join(' ');
    }
    default:
      return dnssecText(record);
  }
}

function dnssecText(record: Answer): string {
  switch (record.type) {
    case 'RRSIG': {
      const { typeCovered, algorithm, labels, originalTTL, expiration, inception, keyTag, signersName } = record.data;
      const signer = canonicalName(signersName);
      return [typeCovered, algorithm, labels, originalTTL, expiration, inception, keyTag, signer].join(' ');
    }
    case 'NSEC':
      return [canonicalName(record.data.nextDomain), ...record.data.rrtypes].join(' ');
    case 'NSEC3': {
      const { algorithm, flags, iterations, salt, nextDomain, rrtypes } = record.data;
      return [algorithm, flags, iterations, salt.toString('hex') || '-', nextDomain.toString('hex'), ...rrtypes].join(
        ' ',
      );
    }
    default:
      return 'data' in record && Buffer.isBuffer(record.data)
        ? `\\# ${record.data.length} ${record.data.toString('hex')}`
        : '';
  }
}

/** Types whose text holds nothing in which upper and lower case differ. */
const CASELESS = new Set(['CNAME', 'DNAME', 'NS', 'PTR', 'MX', 'SRV', 'SOA', 'RP', 'DS', 'SSHFP', 'TLSA']);

/** An answer as the operator wrote it, in the form that `rdataText` gives. */
export function canonicalAnswer(type: string, written: string): string {
  if (type === 'A' || type === 'AAAA') return canonicalAddress(written) ?? written;
  if (!CASELESS.has(type)) return written;
  return written.trim().split(/\s+/).map(canonicalName).join(' ');
}
