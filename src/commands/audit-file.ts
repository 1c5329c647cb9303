import { open } from 'node:fs/promises';
import { codeOf, messageOf, OperatorError } from '../lib/errors.ts';

/**
 * Makes sure that the audit file can be written before the service starts: later, trouble with it stops nothing.
 * @throws OperatorError (`environment`) naming the file and what to do
 */
export async function assertAuditFile(path: string | undefined): Promise<void> {
  if (path === undefined) return;
  try {
    await (await open(path, 'a', 0o640)).close();
  } catch (error) {
    const reason = codeOf(error) === 'ENOENT' ? 'its folder does not exist' : messageOf(error);
    throw new OperatorError('environment', `the audit file ${path} cannot be written: ${reason}`);
  }
}
