/** Commands and their answers over a line: echo first, then the prompt; several at once where the terminal is silent. */
import type { Clock } from '../../lib/clock.ts';
import { asksForMore, visibleText, withoutNoise, withoutPager } from '../cli/shared/text.ts';
import { type CliPlatform, type Exchange, RouterError } from '../contract.ts';
import type { Line } from './line.ts';
import type { Mode, Prompts } from './prompt.ts';
import { echoedAnswer, type Reading } from './reading.ts';

/** A command's exchange, and the mode that its prompt shows. */
export interface Answer extends Exchange {
  readonly mode: Mode;
}

export interface ConversationOptions {
  readonly prompts: Prompts;
  readonly platform: CliPlatform;
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Whether the terminal repeats what is typed. */
  readonly echoes: boolean;
}

/** Lines written ahead of their answers: less than the 4096 bytes that a terminal holds, and soon stopped. */
const WINDOW = 48;

/** One user at a time. */
export class Conversation {
  readonly #line: Line;
  readonly #options: ConversationOptions;
  /** Up to where `received` has been searched for a prompt. */
  #searched = 0;

  constructor(line: Line, options: ConversationOptions) {
    this.#line = line;
    this.#options = options;
  }

  /** Whether lines may be written before the answers to earlier ones. */
  get writesAhead(): boolean {
    return this.#options.platform.capabilities.pipelining && !this.#options.echoes;
  }

  /** Sends one command and waits for its answer. */
  async ask(text: string, signal: AbortSignal, timeoutMs = this.#options.timeoutMs): Promise<Answer> {
    this.#assertInStep();
    const since = this.#options.clock.now();
    this.#line.write(`${text}\n`);
    return await this.#answer(text, since, signal, timeoutMs);
  }

  /**
   * Sends commands in order and collects their answers, ahead of them where the platform allows it.
   * Stops sending when `goOn` says no; what was sent by then is still answered.
   */
  async askAll(
    texts: readonly string[],
    signal: AbortSignal,
    goOn: (answer: Answer, index: number) => boolean,
  ): Promise<Answer[]> {
    this.#assertInStep();
    const { clock, timeoutMs } = this.#options;
    const window = this.writesAhead ? WINDOW : 1;
    const answers: Answer[] = [];
    let limit = texts.length;
    let written = 0;
    let since = 0;
    while (answers.length < Math.max(written, limit)) {
      if (written < limit && written - answers.length <= window / 2) {
        const batch = texts.slice(written, Math.min(limit, answers.length + window));
        since = clock.now();
        this.#line.write(batch.map((text) => `${text}\n`).join(''));
        written += batch.length;
      }
      const answer = await this.#answer(texts[answers.length] ?? '', since, signal, timeoutMs);
      if (!goOn(answer, answers.length)) limit = Math.min(limit, written);
      answers.push(answer);
    }
    return answers;
  }

  async #answer(sent: string, since: number, signal: AbortSignal, deadlineMs: number): Promise<Answer> {
    const what = `the answer to ${JSON.stringify(sent)}`;
    const take = () => (this.#options.echoes ? this.#takeEchoed(sent) : this.#takeSilent());
    const { reply, mode } = await this.#line.until(take, { signal, deadlineMs, what });
    return { sent, received: reply, ms: this.#options.clock.now() - since, mode };
  }

  #takeEchoed(sent: string): Reading | undefined {
    const { prompts, platform } = this.#options;
    this.#turnPage();
    const reading = echoedAnswer(this.#line.received, sent, prompts, platform.noise);
    if (reading !== undefined) this.#line.received = '';
    return reading;
  }

  /** Without echo an answer is all that comes before the next prompt at the start of a line. */
  #takeSilent(): Reading | undefined {
    const { prompts, platform } = this.#options;
    const { received } = this.#line;
    for (let at = this.#searched; ; ) {
      const prompt = prompts.at(received, at);
      if (prompt !== undefined) {
        this.#line.received = received.slice(at + prompt.length);
        this.#searched = 0;
        const lines = visibleText(received.slice(0, at)).split('\n');
        return { reply: withoutNoise(lines, platform.noise).join('\n'), mode: prompt.mode };
      }
      const lineEnd = received.indexOf('\n', at);
      if (lineEnd < 0) return undefined;
      this.#searched = at = lineEnd + 1;
    }
  }

  #turnPage(): void {
    if (!asksForMore(visibleText(this.#line.received.slice(-200)))) return;
    this.#line.received = withoutPager(this.#line.received);
    this.#line.write(' ');
  }

  /** On a silent terminal nothing tells a stray prompt from an answer, so nothing stray may be there. */
  #assertInStep(): void {
    if (this.#options.echoes) return;
    const stray = withoutNoise(visibleText(this.#line.received).split('\n'), this.#options.platform.noise)
      .join('')
      .trim();
    this.#searched = 0;
    if (stray === '') this.#line.received = '';
    else
      this.#line.destroy(new RouterError('lost', `the session is out of step: ${JSON.stringify(stray.slice(0, 100))}`));
  }
}
