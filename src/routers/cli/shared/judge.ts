/** What a reply means, by the platform's tables. Pure. */
import type { CliPlatform, RouterErrorCode } from '../../contract.ts';
import { spokenLines } from './text.ts';

type Tables = Pick<CliPlatform, 'harmless' | 'replies'>;

/** What a configuration line's reply means: undefined = taken; any line that is not known to be harmless is a failure. */
export function judgeWrite(reply: string, platform: Tables): RouterErrorCode | undefined {
  const suspicious = spokenLines(reply).filter((line) => !platform.harmless.some((pattern) => pattern.test(line)));
  if (suspicious.length === 0) return undefined;
  return codeOfReply(suspicious.join('\n'), platform) ?? 'unexpected-output';
}

/** Longest refusal of a `show` command, lines; a longer reply is data, and data may quote anything. */
const REFUSAL_LINES = 4;

/** Whether a `show` command was refused. `not-applied` is an answer here: what is asked for does not exist. */
export function judgeRead(reply: string, platform: Tables): RouterErrorCode | undefined {
  const lines = spokenLines(reply);
  if (lines.length > REFUSAL_LINES) return undefined;
  const code = codeOfReply(lines.join('\n'), platform);
  return code === 'not-applied' ? undefined : code;
}

function codeOfReply(text: string, platform: Tables): RouterErrorCode | undefined {
  return platform.replies.find(({ pattern }) => pattern.test(text))?.code;
}
