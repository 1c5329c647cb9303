/** Errors of ssh2 and of the socket -> RouterError, in this one place. */
import { codeOf, messageOf } from '../../lib/errors.ts';
import { RouterError, type RouterErrorCode } from '../contract.ts';

const ERRNO: Readonly<Record<string, RouterErrorCode>> = {
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ETIMEDOUT: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENOTFOUND: 'unreachable',
  EAI_AGAIN: 'unreachable',
};

/** @param name the router, for the operator */
export function translateError(error: unknown, name: string): RouterError {
  if (error instanceof RouterError) return error;
  const errno = codeOf(error);
  const message = messageOf(error);
  const code = (errno === undefined ? undefined : ERRNO[errno]) ?? codeOfMessage(error, message);
  return new RouterError(code, `${name}: ${explain(code, message)}`, { cause: error });
}

/** ssh2 marks the layer in `level`; the messages are its own. */
function codeOfMessage(error: unknown, message: string): RouterErrorCode {
  const level = typeof error === 'object' && error !== null && 'level' in error ? error.level : undefined;
  if (
    level === 'client-authentication' ||
    level === 'agent' ||
    /too many authentication failures|no more auth/i.test(message)
  ) {
    return 'authentication';
  }
  if (level === 'handshake' && /no matching/i.test(message)) return 'negotiation';
  if (level === 'handshake' && /host denied|signature verification/i.test(message)) return 'host-key';
  return 'lost';
}

function explain(code: RouterErrorCode, message: string): string {
  if (code !== 'negotiation') return message;
  return `${message}; an old router may need legacyAlgorithms: true`;
}
