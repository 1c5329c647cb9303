/** Logging in: each credential is tried once. A refusal is final, since repeated tries lock accounts. */
import ssh2, { type AnyAuthMethod, type AuthHandlerMiddleware, type ParsedKey } from 'ssh2';
import { RouterError, type RouterSettings } from '../contract.ts';

/** The handler for ssh2, and what it has tried so far. */
export interface Login {
  readonly handler: AuthHandlerMiddleware;
  readonly tried: readonly string[];
}

/**
 * Key, then agent, then the password by whichever method the server offers.
 * Throws RouterError `authentication` where there is no usable credential.
 */
export function createLogin(settings: RouterSettings): Login {
  const { username, agent, password } = settings;
  const key = parsedKey(settings);
  if (key === undefined && agent === undefined && password === undefined) {
    throw new RouterError('authentication', `${settings.name}: neither privateKey, agent nor password is configured`);
  }
  const tried: string[] = [];
  const attempts: AnyAuthMethod[] = [];
  if (key !== undefined) attempts.push({ type: 'publickey', username, key });
  if (agent !== undefined) attempts.push({ type: 'agent', username, agent });
  // Without a first try the server does not say which methods it has.
  if (attempts.length === 0) attempts.push({ type: 'none', username });
  const passwordAttempt = (left: readonly string[]): AnyAuthMethod | undefined => {
    if (password === undefined || tried.includes('password')) return undefined;
    if (left.includes('password')) return { type: 'password', username, password: password.reveal() };
    if (!left.includes('keyboard-interactive')) return undefined;
    return { type: 'keyboard-interactive', username, prompt: answerOnce(password.reveal()) };
  };
  const handler: AuthHandlerMiddleware = (methodsLeft, _partial, next) => {
    const attempt = attempts.shift() ?? passwordAttempt(methodsLeft ?? []);
    // ssh2 takes `false` for "nothing left to try"; its types leave that out.
    if (attempt === undefined) return next(false as unknown as AnyAuthMethod);
    if (attempt.type !== 'none') tried.push(attempt.type === 'keyboard-interactive' ? 'password' : attempt.type);
    next(attempt);
  };
  return { handler, tried };
}

type Prompts = readonly { readonly prompt: string }[];

/** Answers the first question that looks like one for a password; any other gets an empty line. */
function answerOnce(password: string) {
  let answered = false;
  return (
    _name: string,
    _instructions: string,
    _language: string,
    prompts: Prompts,
    finish: (answers: string[]) => void,
  ) => {
    const answers = prompts.map(({ prompt }) => {
      if (answered || !/passw|pass ?code|kennwort/i.test(prompt)) return '';
      answered = true;
      return password;
    });
    finish(answers);
  };
}

function parsedKey({ name, privateKey, passphrase }: RouterSettings): ParsedKey | undefined {
  if (privateKey === undefined) return undefined;
  const parsed = ssh2.utils.parseKey(privateKey.reveal(), passphrase?.reveal());
  if (!(parsed instanceof Error)) return parsed;
  throw new RouterError(
    'authentication',
    `${name}: the private key from ${privateKey.origin} can't be read: ${parsed.message}`,
  );
}
