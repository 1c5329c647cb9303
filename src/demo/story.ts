/** How an act is printed: one story per endpoint, from the first piece of evidence to the notification. Pure. */
import type { Act } from './act.ts';
import { type Entry, milliseconds, offset } from './timeline.ts';

/** What happened to one endpoint of one policy, or beside all of them (no subject). */
interface Story {
  readonly subject: string;
  readonly entries: readonly Entry[];
}

/** Notifications that only repeat the line above them; they are counted at the end of the act. */
const REPEATS: ReadonlySet<string> = new Set([
  'anytrackProbeStateChange',
  'anytrackTrackChange',
  'anytrackVerdictChange',
  'anytrackHeartbeat',
]);

/**
 * The lines of a finished act.
 * A break is told in full; of a start and of a repair the first story is, and the others, which are like it, have a line each.
 */
export function formatAct(act: Act): readonly string[] {
  const stories = storiesOf(act.entries);
  const first = stories.find(({ subject }) => subject !== '');
  const isFull = (story: Story) => act.kind === 'break' || story.subject === '' || story === first;
  const brief = stories.filter((story) => !isFull(story)).map((story) => heading(story, act));
  return [
    ...stories.filter(isFull).flatMap((story) => ['', heading(story, act), ...story.entries.map(line)]),
    ...(brief.length === 0 ? [] : ['', ...brief]),
    '',
    ...ending(act),
  ];
}

/** Stories in the order in which they began; with a single one, what has no subject is a part of it. */
export function storiesOf(entries: readonly Entry[]): readonly Story[] {
  const shown = entries.filter((entry) => isNews(entry, entries)).toSorted((a, b) => a.atMs - b.atMs);
  const subjects = [...new Set(shown.map(subjectOf))].filter((subject) => subject !== '');
  const [only, ...others] = subjects;
  if (only !== undefined && others.length === 0) return [{ subject: only, entries: shown }];
  return ['', ...subjects]
    .map((subject) => ({ subject, entries: shown.filter((entry) => subjectOf(entry) === subject) }))
    .filter((story) => story.entries.length > 0);
}

function subjectOf({ policy, endpoint }: Entry): string {
  return [policy, endpoint].filter((part) => part !== undefined).join(' ');
}

/**
 * Whether an entry moves its story on. Of the probes' results these are the ones that speak for the next change of the
 * track: runs overlap, and a timeout that was begun before the repair ends long after the first pass.
 */
function isNews(entry: Entry, all: readonly Entry[]): boolean {
  if (entry.kind === 'break' || entry.kind === 'mend') return false;
  if (entry.kind === 'trap') return !REPEATS.has(entry.code ?? '');
  if (entry.kind !== 'probe') return true;
  const changes = all.filter(({ kind, policy, endpoint }) => {
    return kind === 'track' && policy === entry.policy && endpoint === entry.endpoint;
  });
  if (changes.length === 0) return true;
  const next = changes.find(({ atMs }) => atMs >= entry.atMs);
  const isGood = entry.code === 'pass' || entry.code === 'late';
  return next !== undefined && isGood === (next.code === 'up');
}

/** `resolver-v6 a  route added, read back 431 ms after the repair`. */
function heading({ subject, entries }: Story, { kind }: Act): string {
  if (subject === '') return '   anytrack and the router';
  const sent = entries.findLast((entry) => entry.kind === 'sent');
  const proof = entries.findLast((entry) => entry.kind === 'readBack');
  const change = sent?.code === 'add' ? 'route added' : 'route removed';
  const proved = `${change}, read back ${milliseconds(proof?.atMs ?? 0)} after the ${kind}`;
  const outcome = proof === undefined ? 'no route changed' : proof.code === 'done' ? proved : `${change}: failed`;
  return `   ${subject.padEnd(20)}  ${outcome}`;
}

function line({ atMs, kind, text }: Entry): string {
  return `${offset(atMs).padStart(13)}  ${kind.padEnd(8)}  ${text}`;
}

function ending(act: Act): readonly string[] {
  const counts = new Map<string, number>();
  for (const { kind, code = '' } of act.entries) if (kind === 'trap') counts.set(code, (counts.get(code) ?? 0) + 1);
  const received = [...counts].map(([name, count]) => `${count} ${name}`).join(', ');
  const told = received === '' ? [] : [`   the NMS received ${received}`];
  if (act.missing.length === 0) return [...told, `   done: all that was expected was seen, ${seconds(act.tookMs)}`];
  return [...told, `   NOT DONE after ${seconds(act.tookMs)}, not seen:`, ...act.missing.map((what) => `     ${what}`)];
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
