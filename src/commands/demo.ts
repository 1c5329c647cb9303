import type { Command } from 'commander';
import { Demo, demoFolder } from '../demo/demo.ts';
import { formatAct } from '../demo/story.ts';
import { aborted } from '../lib/abort.ts';
import { systemClock } from '../lib/clock.ts';
import { systemRandom } from '../lib/random.ts';
import { ControlServer } from '../web/control-server.ts';
import { settingsOf } from './config.ts';
import { EXIT, type ExitCode, type Io } from './io.ts';
import { createService } from './service.ts';

interface DemoOptions {
  readonly config: string;
  readonly json?: true;
  readonly keep?: true;
}

export function addDemoCommand(program: Command, io: Io, finish: (code: ExitCode) => void): void {
  program
    .command('demo')
    .description(
      'run the daemon against an embedded router, servers and NMS, break and mend things, and tell what happens',
    )
    .option(
      '-c, --config <file>',
      'the configuration; it must name the ports of the embedded world',
      'config/anytrack.yaml',
    )
    .option('--json', 'the timeline as one JSON object')
    .option('--keep', 'stay running afterwards, for `status`, `plan`, `probe` to look at; end with Ctrl-C')
    .addHelpText('after', '\nExamples:\n  npm run demo\n  npm run demo -- --keep')
    .action(async (options: DemoOptions) => finish(await demonstrate(options, io)));
}

async function demonstrate(options: DemoOptions, io: Io): Promise<ExitCode> {
  const tell = options.json ? () => {} : io.out;
  const demo = new Demo(
    { folder: demoFolder(options.config) },
    {
      clock: systemClock,
      random: systemRandom,
      loadSettings: () => settingsOf(options.config, io),
      createDaemon: (settings) => createService(settings, { level: 'error' }).daemon,
      onAct: (title, deed) => tell(`\n== ${title}\n   ${deed}`),
      onActEnd: (act) => {
        for (const line of formatAct(act)) tell(line);
      },
    },
  );
  try {
    const acts = [await demo.start(), ...(await demo.play(io.signal))];
    const failed = acts.filter((act) => act.missing.length > 0);
    const interrupted = io.signal.aborted;
    if (options.json) io.out(JSON.stringify({ ok: failed.length === 0 && !interrupted, acts }, undefined, 2));
    tell(
      `\n${acts.length - failed.length} of ${acts.length} parts went as they should${interrupted ? ', then interrupted' : ''}`,
    );
    if (options.keep && !interrupted) await keep(demo, options.config, io);
    return failed.length === 0 && !interrupted ? EXIT.ok : EXIT.no;
  } finally {
    await demo.close();
  }
}

async function keep(demo: Demo, config: string, io: Io): Promise<void> {
  const { daemon } = demo;
  if (daemon === undefined) return;
  const { controlSocket } = await settingsOf(config, io);
  const control = new ControlServer({ path: controlSocket }, { status: () => daemon.status(), redact: (text) => text });
  await control.start();
  io.err(`still running; in another terminal: npm run anytrack -- status -c ${config}   (Ctrl-C ends it)`);
  await aborted(io.signal);
  await control.close();
}
