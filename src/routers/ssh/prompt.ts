/** Prompts: learnt once at login, then recognised by the host name's beginning. Pure. */
import type { CliPlatform } from '../contract.ts';

/** `exec` is IOS's `>`; `privileged` its `#`; `config` any configuration mode. */
export type Mode = 'exec' | 'privileged' | 'config';

const MODES: readonly Mode[] = ['config', 'privileged', 'exec'];
const HOST = String.raw`[\w.\-@/:]`;
/** IOS cuts a long host name in configuration mode to 20 characters in all (netmiko#210). */
const KEPT_CHARACTERS = 16;

/** Recognises the prompts of one router. */
export interface Prompts {
  /** The mode, if `line` is a whole prompt. */
  modeOf(line: string): Mode | undefined;
  /** The prompt that stands in `text` at `offset`, with its length. */
  at(text: string, offset: number): { readonly mode: Mode; readonly length: number } | undefined;
}

/** The prompt's host name and mode if `line` looks like a prompt of this platform; undefined otherwise. */
export function learnHost(line: string, platform: Pick<CliPlatform, 'prompts'>): string | undefined {
  for (const mode of MODES) {
    const match = new RegExp(`^(${HOST}{1,63}?)(?:${platform.prompts[mode].source}) ?$`).exec(line);
    if (match?.[1] !== undefined) return match[1];
  }
  return undefined;
}

/** Prompts of the router that calls itself `host`. */
export function promptsOf(host: string, platform: Pick<CliPlatform, 'prompts'>): Prompts {
  const start = host.slice(0, KEPT_CHARACTERS);
  const name = `${start.replaceAll('.', String.raw`\.`)}${HOST}{0,47}?`;
  const whole = MODES.map((mode) => ({ mode, is: new RegExp(`^${name}(?:${platform.prompts[mode].source}) ?$`) }));
  const inside = MODES.map((mode) => ({ mode, is: new RegExp(`${name}(?:${platform.prompts[mode].source})`, 'y') }));
  return {
    modeOf: (line) => whole.find(({ is }) => is.test(line))?.mode,
    at(text, offset) {
      if (!text.startsWith(start, offset)) return undefined;
      for (const { mode, is } of inside) {
        is.lastIndex = offset;
        const match = is.exec(text);
        if (match !== null) return { mode, length: match[0].length };
      }
      return undefined;
    },
  };
}
