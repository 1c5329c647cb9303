/** The last gate before the wire (promise 1): only host routes inside the anycast space leave the program. Pure. */
import { canonicalAddress, hostPrefix, isHostRouteInside, parsePrefix } from '../lib/ip.ts';
import { type CliPlatform, RouterError, type Scope, type Script, type ScriptLine } from './contract.ts';

/** Printable ASCII. `?` is left out: IOS and vtysh take it as the help key even in the middle of a line. */
const SAFE_LINE = /^[\x20-\x3e\x40-\x7e]{1,500}$/;

/** Throws `outside-anycast` unless every text of the script may go to the router. Nothing has been sent by then. */
export function assertScript(
  script: Script,
  classify: CliPlatform['classify'],
  anycastPrefixes: readonly string[],
): void {
  for (const text of [...script.enter, ...script.leave]) assertLine({ text }, classify, anycastPrefixes);
  for (const line of script.lines) assertLine(line, classify, anycastPrefixes);
}

/** Throws `outside-anycast` unless this one line may go to the router. */
export function assertLine(
  line: ScriptLine,
  classify: CliPlatform['classify'],
  anycastPrefixes: readonly string[],
): void {
  const effect = SAFE_LINE.test(line.text) ? classify(line.text) : undefined;
  if (effect === undefined) throw refusal('a line that this platform never writes', line.text);
  if (effect === 'mode') return;
  if (!isHostRouteInside(effect.prefix, anycastPrefixes)) throw refusal('a prefix outside anycastPrefixes', line.text);
  if (line.change !== undefined && parsePrefix(line.change.key.prefix)?.text !== parsePrefix(effect.prefix)?.text) {
    throw refusal(`another prefix than its change (${line.change.key.prefix})`, line.text);
  }
}

/** Throws `outside-anycast` where a read would name a prefix outside the anycast space. */
export function assertScope(scope: Scope, anycastPrefixes: readonly string[]): void {
  if (scope.prefixes === 'all') return;
  const stranger = scope.prefixes.find((prefix) => !isHostRouteInside(prefix, anycastPrefixes));
  if (stranger !== undefined) throw refusal('a prefix outside anycastPrefixes', stranger);
}

/** Throws `outside-anycast` where a command is more than one line of printable text. */
export function assertText(text: string): void {
  if (!SAFE_LINE.test(text)) throw refusal('a character that must not reach a router', text);
}

/** A pipe may only pick lines: IOS can also redirect what is shown into a file or over the network. */
const READ = /^show [^|]+(?:\| (?:include|section|begin|exclude) .+)?$/;

/** Throws `outside-anycast` unless this command only shows something, and names no address outside the anycast space. */
export function assertRead(command: string, anycastPrefixes: readonly string[]): void {
  assertText(command);
  if (!READ.test(command)) throw refusal('something else than a read', command);
  const words = command.split(' ').filter((_word, index, all) => all[index - 1] !== 'vrf');
  const stranger = words
    .map(asPrefix)
    .find((prefix) => prefix !== undefined && !isHostRouteInside(prefix, anycastPrefixes));
  if (stranger !== undefined) throw refusal('a prefix outside anycastPrefixes', command);
}

/** The prefix that a word names; an address alone is its host route. */
function asPrefix(word: string): string | undefined {
  const address = canonicalAddress(word);
  return address === undefined ? parsePrefix(word)?.text : hostPrefix(address);
}

function refusal(what: string, text: string): RouterError {
  return new RouterError('outside-anycast', `not sent, it names ${what}: ${JSON.stringify(text.slice(0, 200))}`);
}
