/** When routes enter and leave the forwarding table, as the router's own kernel tells it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

interface Watch {
  readonly left: Set<string>;
  readonly present: boolean;
  done(atMono: number): void;
}

/** `ip monitor route` in a namespace; each line is stamped as it arrives (the same delay for every way measured). */
export class RouteMonitor {
  readonly #child: ChildProcess;
  readonly #ready: Promise<void>;
  #watch: Watch | undefined;

  constructor(namespace: string) {
    this.#child = spawn('ip', ['-n', namespace, 'monitor', 'route'], { stdio: ['ignore', 'pipe', 'ignore'] });
    const output = this.#child.stdout;
    if (output === null) throw new Error('no output of ip monitor');
    createInterface({ input: output }).on('line', (line) => this.#take(line, performance.now()));
    this.#ready = new Promise((resolve) => setTimeout(resolve, 300));
  }

  /** Resolves once `ip monitor` has its socket. */
  ready(): Promise<void> {
    return this.#ready;
  }

  /** Resolves with the time at which the last of these host addresses was there (or gone), or rejects after 30 s. */
  last(addresses: readonly string[], present: boolean): Promise<number> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('the forwarding table did not change')), 30_000);
      const done = (atMono: number) => {
        clearTimeout(late);
        this.#watch = undefined;
        resolve(atMono);
      };
      this.#watch = { left: new Set(addresses), present, done };
    });
  }

  close(): void {
    this.#child.kill();
  }

  #take(line: string, atMono: number): void {
    const watch = this.#watch;
    const [, deleted, address] = /^(Deleted )?(\S+) /.exec(line) ?? [];
    if (watch === undefined || address === undefined || (deleted === undefined) !== watch.present) return;
    watch.left.delete(address);
    if (watch.left.size === 0) watch.done(atMono);
  }
}
