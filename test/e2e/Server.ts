import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeCheckpoint } from '../fixtures/checkpoints.ts';
import { gaussian, plus, scale } from '../fixtures/matrix.ts';

export const PROGRAM = join(import.meta.dirname, '..', '..', 'bin', 'polarimeter.mjs');

/** A running `polarimeter serve` with a state folder of its own. */
export class Server {
  readonly home: string;
  /** Home of the user who opens the page: what is on this machine is not searched for checkpoints. */
  readonly user: string;
  #process: ChildProcess | null = null;
  #address = '';

  constructor(home = mkdtempSync(join(tmpdir(), 'polarimeter-e2e-'))) {
    this.home = home;
    this.user = join(home, 'user');
  }

  /** The address that the command printed. */
  get address(): string {
    return this.#address;
  }

  /** Starts it, on the same port as before when it ran already. */
  async start(...studies: readonly string[]): Promise<void> {
    const port = this.#address === '' ? '0' : new URL(this.#address).port;
    mkdirSync(this.user, { recursive: true });
    this.#process = spawn(process.execPath, [PROGRAM, 'serve', ...studies, '--port', port], {
      env: { ...process.env, HOME: this.user, HF_HOME: '', POLARIMETER_STATE: join(this.home, 'state') },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(this.#process.stdout!, 'data')) as [Buffer];
    this.#address = line.toString().trim();
  }

  /** Ends it as Ctrl-C does, or at once; returns its exit code. */
  async stop(signal: 'SIGINT' | 'SIGKILL' = 'SIGINT'): Promise<number | null> {
    const running = this.#process;
    this.#process = null;
    if (!running) return null;
    const ended = once(running, 'exit') as Promise<[number | null]>;
    running.kill(signal);
    return (await ended)[0];
  }

  remove(): void {
    rmSync(this.home, { recursive: true, force: true });
  }

  /** A checkpoint of six square matrices; seed 0 is the base. Side 768 makes a run of seconds. */
  checkpoint(name: string, seed: number, side = 64): string {
    const tensors = Array.from({ length: 6 }, (_, layer) => {
      const weights = scale(gaussian(side, side, layer + 1), 0.02);
      const data =
        seed === 0 ? weights : plus(weights, scale(gaussian(side, side, 100 * seed + layer), 1e-3));
      const tensor = `model.layers.${String(layer)}.self_attn.q_proj.weight`;
      return { name: tensor, dtype: 'BF16', shape: [side, side], data: data.values };
    });
    return writeCheckpoint(join(this.home, name), { tensors });
  }
}
