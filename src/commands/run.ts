import type { Command } from 'commander';
import { aborted } from '../lib/abort.ts';
import { keepHeapSmall } from '../lib/memory.ts';
import { formatProblem } from '../settings/contract.ts';
import { ControlServer } from '../web/control-server.ts';
import { assertAuditFile } from './audit-file.ts';
import { addConfigOption, type ConfigOption, load, settingsOf } from './config.ts';
import { EXIT, type ExitCode, type Io } from './io.ts';
import { createService, type Service } from './service.ts';

export function addRunCommand(program: Command, io: Io, finish: (code: ExitCode) => void): void {
  addConfigOption(program.command('run'))
    .description('run the service in the foreground: probe, decide, keep the routes; SIGHUP reloads, SIGTERM stops')
    .addHelpText(
      'after',
      `
A reload that finds any problem changes nothing and is told (configRejected).
At SIGTERM or SIGINT each policy's onStop is carried out: hold leaves its routes, withdraw takes them away.

Example:
  anytrack run -c /etc/anytrack/anytrack.yaml`,
    )
    .action(async (options: ConfigOption) => {
      await serve(options.config, io);
      finish(EXIT.ok);
    });
}

async function serve(file: string, io: Io): Promise<void> {
  keepHeapSmall();
  const settings = await settingsOf(file, io);
  await assertAuditFile(settings.notify.auditFile);
  const service = createService(settings);
  const { daemon, redact } = service;
  const control = new ControlServer({ path: settings.controlSocket }, { status: () => daemon.status(), redact });
  await control.start();
  await daemon.start();
  // Reloads run one after the other; a second SIGHUP during the first reads the files again afterwards.
  let reloading = Promise.resolve();
  const onHangup = () => {
    reloading = reloading.then(() => reload(service, file));
  };
  process.on('SIGHUP', onHangup);
  await aborted(io.signal);
  process.off('SIGHUP', onHangup);
  await reloading;
  await daemon.stop(`${io.signal.reason}`);
  await control.close();
}

async function reload(service: Service, file: string): Promise<void> {
  const { settings, problems } = await load(file);
  if (settings === undefined) service.daemon.rejected(problems.map(formatProblem));
  else await service.reload(settings);
}
