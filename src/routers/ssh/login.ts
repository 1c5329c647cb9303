/** From a fresh shell to a privileged prompt: learn the prompt, enable, switch paging off. */
import { sleep } from '../../lib/abort.ts';
import type { Clock } from '../../lib/clock.ts';
import { visibleText } from '../cli/shared/text.ts';
import { type CliPlatform, RouterError, type RouterSettings } from '../contract.ts';
import { Conversation } from './conversation.ts';
import type { Line } from './line.ts';
import { learnHost, type Mode, type Prompts, promptsOf } from './prompt.ts';
import { promptLine } from './reading.ts';

export interface LoginOptions {
  readonly settings: RouterSettings;
  readonly platform: CliPlatform;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const POLL_MS = 25;
/** A banner may hold a line that looks like a prompt; the prompt is what silence follows. */
const QUIET_MS = 150;
/** Some servers print the prompt only after a key. One is enough: on IOS-XR an empty line can itself be an error. */
const SILENT_MS = 1000;

/** Throws RouterError; the line is then dead or to be destroyed. */
export async function logIn(line: Line, options: LoginOptions): Promise<Conversation> {
  const { settings, platform, clock, signal } = options;
  const shown = await firstPrompt(line, options);
  const prompts = promptsOf(shown, platform);
  const mode = prompts.modeOf(lastLine(line.received));
  if (mode === 'exec') await enable(line, prompts, options);
  const echoes = await findEcho(line, prompts, options);
  const conversation = new Conversation(line, {
    prompts,
    platform,
    clock,
    timeoutMs: settings.commandTimeoutMs,
    echoes,
  });
  for (const command of platform.setUp) await conversation.ask(command, signal);
  return conversation;
}

/** The host name in the first prompt. */
async function firstPrompt(line: Line, { settings, platform, clock, signal }: LoginOptions): Promise<string> {
  const begun = clock.now();
  let changedAt = begun;
  let length = 0;
  let nudged = false;
  while (clock.now() - begun < settings.readyTimeoutMs) {
    await sleep(POLL_MS, signal, clock);
    line.assertOpen();
    if (line.received.length !== length) changedAt = clock.now();
    length = line.received.length;
    const quietMs = clock.now() - changedAt;
    const host = learnHost(lastLine(line.received), platform);
    if (host !== undefined && quietMs >= QUIET_MS) return host;
    if (!nudged && quietMs >= SILENT_MS) {
      nudged = true;
      line.write('\n');
    }
  }
  throw new RouterError('deadline', `${settings.name}: no prompt of platform ${platform.name} after the login`);
}

async function enable(line: Line, prompts: Prompts, { settings, platform, signal }: LoginOptions): Promise<void> {
  const { enable: step } = platform;
  const refused = (why: string) => new RouterError('authorization', `${settings.name}: not privileged: ${why}`);
  if (step === undefined) throw refused('the login ends at an unprivileged prompt');
  const next = (what: string): Promise<'asks' | Mode> =>
    line.until<'asks' | Mode>(
      () => {
        if (!line.received.includes('\n')) return undefined;
        if (step.ask.test(lastLine(line.received))) return 'asks';
        return promptLine(visibleText(line.received).split('\n'), prompts, platform.noise)?.mode;
      },
      { signal, deadlineMs: settings.commandTimeoutMs, what },
    );
  line.received = '';
  line.write(`${step.command}\n`);
  let state = await next('the answer to enable');
  if (state === 'asks') {
    if (settings.enablePassword === undefined) throw refused('enable asks for a password and none is configured');
    line.received = '';
    line.write(`${settings.enablePassword.reveal()}\n`);
    state = await next('the prompt after enable');
  }
  line.received = '';
  if (state !== 'privileged')
    throw new RouterError('authentication', `${settings.name}: the enable password was refused`);
}

/** Whether the terminal repeats what is typed: asked for by the platform, and decided by the server. */
async function findEcho(line: Line, prompts: Prompts, options: LoginOptions): Promise<boolean> {
  const { settings, platform, signal } = options;
  const [command] = platform.setUp;
  if (platform.echoOff !== true || command === undefined) return true;
  line.received = '';
  line.write(`${command}\n`);
  const shown = await line.until(
    () => {
      const lines = visibleText(line.received).split('\n');
      const prompt = promptLine(lines, prompts, platform.noise);
      return prompt === undefined ? undefined : lines.slice(0, prompt.index).join('\n');
    },
    { signal, deadlineMs: settings.commandTimeoutMs, what: `the answer to ${JSON.stringify(command)}` },
  );
  line.received = '';
  return shown.includes(command);
}

function lastLine(received: string): string {
  return visibleText(received.slice(-400)).split('\n').at(-1) ?? '';
}
