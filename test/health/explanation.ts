import type { TrackState } from '../../src/model.ts';

/** What an explanation says; throws where it does not follow the grammar of docs/tracks.md. */
export interface ParsedExplanation {
  /** The state that the track shows. */
  readonly shown: TrackState;
  /** The raw state, while a delay runs. */
  readonly becoming: TrackState | undefined;
}

const STATE = '(UP|DOWN|UNKNOWN)';

/**
 * explanation = [STATE ", becoming "] combined
 * combined    = STATE "(" [ heading ] [ member { (" and " | " or " | ", ") member } ] ")"
 * member      = ["not "] name " " (STATE | combined) [" * " number]
 */
export function parseExplanation(text: string): ParsedExplanation {
  const delayed = new RegExp(`^${STATE}, becoming (.*)$`).exec(text);
  const raw = parseCombined(delayed?.[2] ?? text);
  return delayed === null ? { shown: raw, becoming: undefined } : { shown: stateOf(delayed[1]), becoming: raw };
}

function parseCombined(text: string): TrackState {
  const match = new RegExp(`^${STATE}\\((.*)\\)$`).exec(text);
  if (match === null) throw new Error(`not a combination: ${text}`);
  const [, state, inside = ''] = match;
  const listed = inside.replace(/^(at least \d+ of |weight, up \d+, down \d+: |percentage, up \d+, down \d+: )/, '');
  for (const member of listed === '' ? [] : splitOutsideBrackets(listed)) parseMember(member);
  return stateOf(state);
}

function parseMember(text: string): void {
  const match = new RegExp(`^(?:not )?([\\w.-]+) (${STATE}(\\(.*\\))?)(?: \\* \\d+)?$`).exec(text);
  if (match === null) throw new Error(`not a member: ${text}`);
  if (match[4] !== undefined) parseCombined(match[2] ?? '');
}

function splitOutsideBrackets(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    depth += text[i] === '(' ? 1 : text[i] === ')' ? -1 : 0;
    const separator = depth === 0 ? /^( and | or |, )/.exec(text.slice(i))?.[0] : undefined;
    if (separator === undefined) continue;
    parts.push(text.slice(start, i));
    start = i + separator.length;
    i = start - 1;
  }
  return [...parts, text.slice(start)];
}

function stateOf(word: string | undefined): TrackState {
  const state = word?.toLowerCase();
  if (state === 'up' || state === 'down' || state === 'unknown') return state;
  throw new Error(`not a state: ${word}`);
}
