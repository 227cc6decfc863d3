import { PolarimeterError } from '../contract/errors.ts';
import type { MadeTensor } from '../contract/recipe.ts';
import type { RunLimits } from '../contract/study.ts';
import { formatBytes, formatMillis } from '../contract/units.ts';
import type { ItemOutcome } from './computeItem.ts';
import { itemSeconds } from './cost.ts';
import type { TensorItem } from './plan.ts';
import type { ProgressMeter } from './ProgressMeter.ts';
import type { RunLock } from './RunLock.ts';
import type { RunLog } from './RunLog.ts';

/** Says what happens in a run wherever that is kept: in the account, in the lock for whoever finds it without its process, in the log. */
export class RunJournal {
  readonly #meter: ProgressMeter;
  readonly #lock: RunLock;
  readonly #log: RunLog;

  constructor(meter: ProgressMeter, lock: RunLock, log: RunLog) {
    this.#meter = meter;
    this.#lock = lock;
    this.#log = log;
  }

  /** @param stored how many of all tensors need nothing any more */
  started(total: number, stored: number, { memoryBytes, threads }: RunLimits): void {
    const { interruption } = this.#lock;
    const message = `${String(total)} tensors, ${String(stored)} stored before; ${formatBytes(memoryBytes)} of memory, ${String(threads)} threads`;
    if (interruption === null) {
      this.#log.write({ event: 'started', message });
      return;
    }
    const { at, tensors } = interruption;
    const seen = at === null ? '' : ` after ${at}`;
    const flight = tensors.length > 0 ? ` while it computed ${tensors.join(', ')}` : '';
    this.#log.write({
      level: 'warning',
      event: 'resumed',
      message: `the process of the run before ended${seen}${flight}. ${message}`,
    });
  }

  /** The tensors of a recipe are there. */
  made(label: string, tensors: readonly MadeTensor[]): void {
    const computed = tensors.filter(({ taken }) => !taken);
    const bytes = computed.reduce((sum, tensor) => sum + tensor.bytes, 0);
    const message = `${label}: ${String(computed.length)} tensors are made (${formatBytes(bytes)}), ${String(tensors.length - computed.length)} taken as they are`;
    this.#log.write({ event: 'made', message });
  }

  begin({ tensor }: TensorItem): void {
    this.#meter.begin(tensor);
    this.#lock.inFlight(this.#meter.inFlight);
  }

  finished(item: TensorItem, outcome: ItemOutcome): void {
    const { tensor } = item;
    const millis = this.#meter.finished(tensor, itemSeconds(item), outcome);
    this.#lock.inFlight(this.#meter.inFlight);
    if (outcome.reason !== null) {
      const event = outcome.overBudget ? 'over-budget' : 'skipped';
      this.#log.write({ level: 'warning', event, tensor, millis, message: outcome.reason });
    } else if (!outcome.cached) {
      this.#log.write({ event: 'tensor', tensor, millis, message: 'computed' });
    }
  }

  /** The run came to its end, or was cancelled before. */
  ended(state: 'done' | 'cancelled'): void {
    const { done, total, cached, skipped } = this.#meter.progress;
    const millis = this.#meter.millisElapsed;
    const left = skipped > 0 ? `, ${String(skipped)} skipped` : '';
    const message = `${String(done)} of ${String(total)} tensors, ${String(cached)} of them stored before${left}, in ${formatMillis(millis)}`;
    this.#log.write({ event: state, millis, message });
    this.#meter.state(state);
  }

  failed(error: unknown): void {
    const isChange = error instanceof PolarimeterError && error.code === 'file-changed';
    this.#log.write({
      level: 'error',
      event: isChange ? 'file-changed' : 'failed',
      tensor: error instanceof PolarimeterError ? error.where : null,
      millis: this.#meter.millisElapsed,
      message: error instanceof Error ? error.message : String(error),
    });
    this.#meter.state('failed', error);
  }
}
