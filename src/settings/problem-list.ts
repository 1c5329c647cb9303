import type { Problem } from './contract.ts';
import { type Finding, locate, type Tree } from './tree.ts';

/** Collects problems; one in a template that fifty policies extend is told once. */
export class ProblemList {
  readonly #order: ReadonlyMap<string, number>;
  readonly #problems = new Map<string, Problem>();
  readonly #unreadable = new Set<string>();

  /** @param files in the order in which their problems are told */
  constructor(files: readonly string[]) {
    this.#order = new Map(files.map((file, i) => [file, i]));
  }

  get isEmpty(): boolean {
    return this.#problems.size === 0;
  }

  add(problems: readonly Problem[]): void {
    for (const problem of problems) {
      const { file, line, column, path, message } = problem;
      this.#problems.set([file, line, column, path, message].join('\n'), problem);
    }
  }

  /** Adds the problems of a text; what stands at these places is not judged any further. */
  addUnreadable(problems: readonly Problem[]): void {
    this.add(problems);
    for (const problem of problems) this.#unreadable.add(placeKey(problem));
  }

  /** Adds findings at their places in `tree`. */
  tell(tree: Tree, findings: readonly Finding[]): void {
    const problems = findings.map((finding) => locate(tree, finding));
    this.add(problems.filter((problem) => !this.#unreadable.has(placeKey(problem))));
  }

  /** By file, then by line and column. */
  sorted(): Problem[] {
    const rank = (problem: Problem) => this.#order.get(problem.file) ?? -1;
    return [...this.#problems.values()].sort((a, b) => rank(a) - rank(b) || a.line - b.line || a.column - b.column);
  }
}

function placeKey({ file, line, column }: Problem): string {
  return `${file}:${line}:${column}`;
}
