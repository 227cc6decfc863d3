import type { Progress } from '../contract/study.ts';
import { formatBytes, formatMillis } from '../contract/units.ts';
import { printable } from './printable.ts';
import type { Terminal } from './Terminal.ts';

const LIVE_INTERVAL = 100;
const LOG_INTERVAL = 5000;
const CLEAR_LINE = '\r\u001b[2K';

/** What is shown of a long job on stderr: one line redrawn on a screen, else a new line every five seconds. */
export class ProgressLine {
  readonly #terminal: Terminal;
  readonly #now: () => number;
  #last: number;
  #drawn = false;

  constructor(terminal: Terminal, now: () => number = Date.now) {
    this.#terminal = terminal;
    this.#now = now;
    this.#last = terminal.live ? Number.NEGATIVE_INFINITY : now();
  }

  update(progress: Progress): void {
    this.show(() => progressText(progress));
  }

  /** @param words what to say, asked for only when it is shown */
  show(words: () => string): void {
    const now = this.#now();
    if (now - this.#last < (this.#terminal.live ? LIVE_INTERVAL : LOG_INTERVAL)) return;
    this.#last = now;
    const text = words();
    if (!this.#terminal.live) {
      this.#terminal.err(`${text}\n`);
      return;
    }
    this.#terminal.err(CLEAR_LINE + text.slice(0, this.#terminal.columns - 1));
    this.#drawn = true;
  }

  /** Removes the redrawn line, so that other text can follow. */
  clear(): void {
    if (this.#drawn) this.#terminal.err(CLEAR_LINE);
    this.#drawn = false;
  }
}

/** One line, most wanted first: done of total, time left, rates, memory, what is being computed. */
export function progressText(progress: Progress): string {
  if (progress.state === 'planning') return 'planning: reading headers, estimating the cost';
  const total = String(progress.total);
  const parts = [`${String(progress.done).padStart(total.length)}/${total} tensors`];
  if (progress.total > 0) parts.push(`${String(Math.floor((100 * progress.done) / progress.total))} %`);
  if (progress.millisLeft !== null) parts.push(`${formatMillis(progress.millisLeft)} left`);
  if (progress.bytesPerSecond > 0) parts.push(`${rate(progress.bytesPerSecond)}B/s`);
  if (progress.flopsPerSecond > 0) parts.push(`${rate(progress.flopsPerSecond)}FLOP/s`);
  if (progress.budgetBytes > 0) {
    parts.push(`memory ${formatBytes(progress.workspaceBytes)} of ${formatBytes(progress.budgetBytes)}`);
  }
  const now = [progress.stage, progress.tensor].filter((part) => part !== null).join(' ');
  if (now !== '') parts.push(printable(now));
  return parts.join(' · ');
}

/** Three digits and a decimal prefix: "12.1 G", "850 M". */
export function rate(perSecond: number): string {
  const [scaled, prefix] = perSecond >= 0.9995e9 ? [perSecond / 1e9, 'G'] : [perSecond / 1e6, 'M'];
  return `${scaled >= 99.95 ? scaled.toFixed(0) : scaled.toPrecision(3)} ${prefix}`;
}
