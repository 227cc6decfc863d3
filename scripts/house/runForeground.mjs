import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/**
 * Runs a command on the terminal of this process and passes signals on.
 * A terminal sends Ctrl-C to the child as well, so SIGINT is passed on only without one: a program
 * that takes a second SIGINT as "stop at once" must not see two.
 *
 * @returns {Promise<number>} the exit code
 */
export function runForeground(command, args, env = process.env) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', env });
    const pass = (signal) => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, pass);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      for (const name of signals) process.off(name, pass);
      resolve(code ?? 128 + (constants.signals[signal] ?? 0));
    });
  });
}
