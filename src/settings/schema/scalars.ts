/** The words and numbers that options are made of. What may reach a router's command line is narrow on purpose. */
import { z } from 'zod';
import { formatDuration, parseDuration } from '../../lib/duration.ts';
import { canonicalAddress, parsePrefix } from '../../lib/ip.ts';

/** A duration with its unit, between two others; milliseconds after parsing. */
export function duration(limits: { readonly min: string; readonly max: string }) {
  const title = 'a duration such as 500ms, 1s or 2m';
  const [min, max] = [parseDuration(limits.min) ?? 0, parseDuration(limits.max) ?? 0];
  return z
    .string()
    .regex(/^\d{1,12}(\.\d{1,6})?(ms|s|m|h|d)$/, { error: `must be ${title}` })
    .transform((text) => parseDuration(text) ?? Number.NaN)
    .refine((ms) => ms >= min && ms <= max, {
      error: `must be from ${formatDuration(min)} to ${formatDuration(max)}`,
    })
    .meta({ title });
}

/** A whole number in a range, both ends included. */
export function whole(min: number, max: number) {
  const title = `a whole number from ${min} to ${max}`;
  return z
    .int({ error: `must be ${title}` })
    .min(min, { error: `must be ${title}` })
    .max(max, { error: `must be ${title}` })
    .meta({ title });
}

/** Text of one line, without control characters; lengths in characters. */
export function line(maxLength: number, minLength: 0 | 1 = 1) {
  return z
    .string()
    .min(minLength, { error: 'must not be empty' })
    .max(maxLength, { error: `must not be longer than ${maxLength} characters` })
    .refine((text) => !/\p{Cc}/u.test(text), { error: 'must be one line, without control characters' })
    .meta({ title: 'text' });
}

/** A name that people choose: it goes into route names, traps and file names. */
export const Name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/, {
    error: 'a name has 1 to 63 letters, digits, `_`, `.` or `-`, and starts with a letter or a digit',
  })
  .meta({ title: 'a name' });

/** An IP address in canonical form, so that one address has one spelling in every file, log and router. */
export const Address = z
  .string()
  .superRefine((text, context) => {
    const message = addressTrouble(text);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  })
  .meta({ title: 'an IP address' });

function addressTrouble(text: string): string | undefined {
  if (text.includes('/')) return 'must be one address, without a prefix length: a policy is about one host route';
  const canonical = canonicalAddress(text);
  if (canonical === undefined) return 'is not an IP address; IPv4 is four decimal numbers without leading zeros';
  return canonical === text ? undefined : `must be written in its canonical form, \`${canonical}\``;
}

/** An IP address, or a host name (RFC 1123: what ends in a number is no name, but a mistyped address). */
export const Host = z
  .string()
  .refine((text) => canonicalAddress(text) !== undefined || isHostName(text), {
    error: 'must be an IP address or a host name',
  })
  .meta({ title: 'an IP address or host name' });

function isHostName(text: string): boolean {
  const labels = text.replace(/\.$/, '').split('.');
  const isLabel = (label: string) => /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(label);
  return text.length <= 253 && labels.every(isLabel) && !/^\d+$/.test(labels.at(-1) ?? '');
}

/** A prefix with its host bits zero, in canonical form. */
export const Prefix = z
  .string()
  .superRefine((text, context) => {
    const message = prefixTrouble(text);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  })
  .meta({ title: 'a prefix such as 10.0.0.0/24' });

function prefixTrouble(text: string): string | undefined {
  const parsed = parsePrefix(text);
  if (parsed !== undefined)
    return parsed.text === text ? undefined : `must be written in its canonical form, \`${parsed.text}\``;
  const [address = '', length] = text.split('/');
  if (canonicalAddress(address) === undefined || length === undefined || !/^\d{1,3}$/.test(length)) {
    return 'is not a prefix; write network/length, such as 10.0.0.0/24';
  }
  return 'is not a network: its host bits are set, or its length is too long';
}

/** An outgoing interface as the router spells it. */
export const InterfaceName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9/._:-]{0,63}$/, {
    error: 'must be an interface name in one word, such as GigabitEthernet0/1 or eth0',
  })
  .meta({ title: 'an interface name' });

/** A routing table (VRF) as the router spells it. */
export const VrfName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,31}$/, { error: 'must be a VRF name of 1 to 32 letters, digits or `_.:-`' })
  .meta({ title: 'a VRF name' });

/** A path of this machine. */
export const FilePath = line(4096).meta({ title: 'a path' });

/** A TCP or UDP port. */
export const Port = whole(1, 65_535);

/** A route tag; 0 means "no tag" on every platform. */
export const Tag = whole(1, 4_294_967_295);
