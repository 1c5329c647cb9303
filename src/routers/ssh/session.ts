/** A session as the contract has it: observe and apply, every line through the gate, every reply judged. */

import { sleep } from '../../lib/abort.ts';
import type { Clock } from '../../lib/clock.ts';
import { judgeRead, judgeWrite } from '../cli/shared/judge.ts';
import {
  type ApplyReport,
  type CliPlatform,
  type Exchange,
  type Observation,
  RouterError,
  type RouterErrorCode,
  type Scope,
  type Script,
  type ScriptLine,
  type Session,
} from '../contract.ts';
import { assertRead, assertScope, assertScript } from '../gate.ts';
import type { Answer, Conversation } from './conversation.ts';
import type { Line } from './line.ts';

export interface SessionOptions {
  readonly platform: CliPlatform;
  readonly anycastPrefixes: readonly string[];
  readonly clock: Clock;
}

/** A save writes flash: it may take minutes on an old router. */
const SAVE_TIMEOUT_MS = 120_000;
const GOODBYE_MS = 500;

type Failure = ApplyReport['failures'][number];

export class SshSession implements Session {
  readonly #line: Line;
  readonly #conversation: Conversation;
  readonly #options: SessionOptions;

  constructor(line: Line, conversation: Conversation, options: SessionOptions) {
    this.#line = line;
    this.#conversation = conversation;
    this.#options = options;
  }

  get ended(): Promise<RouterError | undefined> {
    return this.#line.ended;
  }

  async observe(scope: Scope, signal: AbortSignal): Promise<Observation> {
    const { platform, anycastPrefixes } = this.#options;
    assertScope(scope, anycastPrefixes);
    const commands = platform.observeCommands(scope);
    for (const command of commands) assertRead(command, anycastPrefixes);
    let refusal: RouterError | undefined;
    const answers = await this.#conversation.askAll(commands, signal, ({ sent, received }) => {
      const code = isOptional(sent, platform) ? undefined : judgeRead(received, platform);
      if (code !== undefined)
        refusal ??= new RouterError(code, `${JSON.stringify(sent)} was answered: ${brief(received)}`);
      return refusal === undefined;
    });
    if (refusal !== undefined) throw refusal;
    const exchanges = answers.map(exchangeOf);
    const replies = exchanges.map((exchange) =>
      isOptional(exchange.sent, platform) && judgeRead(exchange.received, platform) !== undefined
        ? { ...exchange, received: '' }
        : exchange,
    );
    return { ...platform.parse(replies, scope), exchanges };
  }

  async apply(script: Script, signal: AbortSignal): Promise<ApplyReport> {
    const { platform, anycastPrefixes } = this.#options;
    assertScript(script, platform.classify, anycastPrefixes);
    const answers: Answer[] = [];
    // On a silent terminal a line in the wrong mode is only an unknown command, so all may be written ahead.
    const ahead = this.#conversation.writesAhead;
    const first = ahead ? [...script.enter, ...texts(script.lines), ...script.leave] : script.enter;
    answers.push(...(await this.#askWhileConfiguring(first, script, answers.length, signal)));
    const entered = this.#judgeEntry(script, answers);
    if (!ahead && entered === undefined) {
      answers.push(...(await this.#askWhileConfiguring(texts(script.lines), script, answers.length, signal)));
    }
    const left = answers.length - script.enter.length - script.lines.length;
    if (answers.at(-1)?.mode === 'config') answers.push(...(await this.#leave(script, Math.max(0, left), signal)));
    if (entered !== undefined) throw entered;
    return { exchanges: answers.map(exchangeOf), failures: this.#failures(script, answers) };
  }

  async save(signal: AbortSignal): Promise<Exchange> {
    const { save } = this.#options.platform;
    if (save === undefined) throw new RouterError('rejected', 'this platform has no command to save');
    const answer = await this.#conversation.ask(save.command, signal, SAVE_TIMEOUT_MS);
    if (save.done.test(answer.received)) return exchangeOf(answer);
    const code = judgeWrite(answer.received, this.#options.platform) ?? 'unexpected-output';
    throw new RouterError(code, `not saved: ${brief(answer.received)}`);
  }

  async close(): Promise<void> {
    const goodbye = new AbortController();
    try {
      this.#line.takeLeave('exit\n');
      const patience = sleep(GOODBYE_MS, goodbye.signal, this.#options.clock).catch(() => undefined);
      await Promise.race([this.#line.ended, patience]);
    } catch {
      // It had ended before.
    }
    goodbye.abort();
    this.#line.destroy(undefined);
  }

  /** Goes on while the router stays in configuration mode and has not told us to stop. */
  #askWhileConfiguring(
    lines: readonly string[],
    script: Script,
    offset: number,
    signal: AbortSignal,
  ): Promise<Answer[]> {
    const last = script.enter.length + script.lines.length;
    return this.#conversation.askAll(lines, signal, (answer, index) => {
      if (offset + index >= last) return true;
      const code = judgeWrite(answer.received, this.#options.platform);
      return answer.mode === 'config' && code !== 'authorization' && code !== 'locked';
    });
  }

  async #leave(script: Script, done: number, signal: AbortSignal): Promise<Answer[]> {
    const answers: Answer[] = [];
    for (const text of script.leave.slice(done)) answers.push(await this.#conversation.ask(text, signal));
    return answers;
  }

  /** Why configuration mode was not entered; undefined = it was. */
  #judgeEntry(script: Script, answers: readonly Answer[]): RouterError | undefined {
    for (const [index, text] of script.enter.entries()) {
      const answer = answers[index];
      const code = this.#codeOf(answer, 'config');
      if (code !== undefined)
        return new RouterError(code, `${JSON.stringify(text)} was answered: ${brief(answer?.received)}`);
    }
    return undefined;
  }

  #failures(script: Script, answers: readonly Answer[]): Failure[] {
    const failures: Failure[] = [];
    const told = answers.slice(script.enter.length);
    for (const [index, line] of script.lines.entries()) {
      const answer = told[index];
      // What was left out after a stop is answered for by the answer that stopped it.
      const code = this.#codeOf(answer?.sent === line.text ? answer : undefined, 'config');
      if (code !== undefined) failures.push({ line, reply: answer?.received ?? 'not sent', code });
    }
    for (const text of script.leave) {
      const answer = told.findLast(({ sent }) => sent === text);
      const code = this.#codeOf(answer, text === script.leave.at(-1) ? 'privileged' : 'config');
      if (code !== undefined) failures.push({ line: { text }, reply: answer?.received ?? 'not sent', code });
    }
    return failures;
  }

  /** What is wrong with an answer, where its prompt should show `mode`. */
  #codeOf(answer: Answer | undefined, mode: Answer['mode']): RouterErrorCode | undefined {
    if (answer === undefined) return 'not-applied';
    const code = judgeWrite(answer.received, this.#options.platform);
    return code ?? (answer.mode === mode ? undefined : 'unexpected-output');
  }
}

function texts(lines: readonly ScriptLine[]): string[] {
  return lines.map(({ text }) => text);
}

function isOptional(command: string, platform: CliPlatform): boolean {
  return platform.optional?.some((pattern) => pattern.test(command)) ?? false;
}

function exchangeOf({ sent, received, ms }: Answer): Exchange {
  return { sent, received, ms };
}

function brief(reply: string | undefined): string {
  const text = (reply ?? '').trim().replace(/\s*\n\s*/g, ' / ');
  return text === '' ? 'with another prompt' : JSON.stringify(text.slice(0, 200));
}
