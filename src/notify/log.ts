import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';
import type { Settings } from '../settings/contract.ts';
import { type Redact, redactLine, SECRET_KEYS } from './redact.ts';

/**
 * The program's logger: JSON lines, a static message plus fields.
 * Secrets are taken out twice: by the key they stand under, and by `redact` from the finished line.
 * @param destination where to; standard output if left out
 */
export function createLogger(
  settings: Settings['log'],
  options: { readonly redact?: Redact; readonly destination?: DestinationStream } = {},
): Logger {
  const { redact, destination } = options;
  const pinoOptions: LoggerOptions = {
    level: settings.level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (level) => ({ level }) },
    redact: { paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: '[secret]' },
    ...(redact === undefined ? {} : { hooks: { streamWrite: (line: string) => redactLine(line, redact) } }),
  };
  return destination === undefined ? pino(pinoOptions) : pino(pinoOptions, destination);
}
