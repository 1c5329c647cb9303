/** Builds the request of one try from the options. Pure: identifier and chance come in. */
import ipaddr from 'ipaddr.js';
import { familyOf } from '../../lib/ip.ts';
import { chapPassword, hidePassword, signRequest, UNSIGNED } from './authentication.ts';
import { CODE, TYPE } from './dictionary.ts';
import type { RadiusOptions } from './options.ts';
import { type Attribute, encode } from './packet.ts';

/** What makes a try unlike every other one. */
export interface Nonce {
  /** 0 to 255. */
  readonly identifier: number;
  /** 16 unpredictable octets. Also random for Status-Server, on both ports (RFC 5997 section 3). */
  readonly authenticator: Buffer;
  /** CHAP identifier, 0 to 255; used by `chap` only. */
  readonly chapIdentifier: number;
}

/** The signed request as it goes on the wire. */
export function buildRequest(options: RadiusOptions, nonce: Nonce): Buffer {
  const request = encode({
    code: options.mode === 'statusServer' ? CODE.statusServer : CODE.accessRequest,
    identifier: nonce.identifier,
    authenticator: nonce.authenticator,
    attributes: [
      // First, so that a collision cannot be prepared in front of it (CVE-2024-3596).
      { type: TYPE.messageAuthenticator, value: UNSIGNED },
      ...credentials(options, nonce),
      ...origin(options),
    ],
  });
  signRequest(request, options.secret.reveal());
  return request;
}

function credentials(options: RadiusOptions, nonce: Nonce): Attribute[] {
  if (options.mode === 'statusServer' || options.user === undefined) return [];
  const password = Buffer.from(options.user.password.reveal());
  const name = { type: TYPE.userName, value: Buffer.from(options.user.name) };
  if (options.mode === 'pap') {
    const value = hidePassword(password, options.secret.reveal(), nonce.authenticator);
    return [name, { type: TYPE.userPassword, value }];
  }
  return [name, { type: TYPE.chapPassword, value: chapPassword(nonce.chapIdentifier, password, nonce.authenticator) }];
}

/** Who asks and for what call. RFC 2865 section 4.1 demands a NAS-Identifier or a NAS address; the former has a default. */
function origin(options: RadiusOptions): Attribute[] {
  const attributes: Attribute[] = [{ type: TYPE.nasIdentifier, value: Buffer.from(options.nasIdentifier) }];
  const { nasIpAddress, calledStationId, callingStationId } = options;
  if (nasIpAddress !== undefined) {
    const type = familyOf(nasIpAddress) === 4 ? TYPE.nasIpAddress : TYPE.nasIpv6Address;
    attributes.push({ type, value: Buffer.from(ipaddr.parse(nasIpAddress).toByteArray()) });
  }
  if (calledStationId !== undefined) {
    attributes.push({ type: TYPE.calledStationId, value: Buffer.from(calledStationId) });
  }
  if (callingStationId !== undefined) {
    attributes.push({ type: TYPE.callingStationId, value: Buffer.from(callingStationId) });
  }
  return attributes;
}
