import type { EditStudy } from '../contract/editStudy.ts';
import type { StudySummary, StudyView } from '../contract/routes.ts';
import { PolarimeterError } from '../contract/errors.ts';
import { LOG_LINES, type LogLine } from '../contract/runLog.ts';
import type { CostEstimate, Progress, RunLimits } from '../contract/study.ts';
import type { Kernels } from '../kernels/Kernels.ts';
import { editStudy } from '../study/editStudy.ts';
import { readRunLog } from '../study/readRunLog.ts';
import type { PairSources } from '../study/pairSources.ts';
import { restingProgress } from '../study/restingProgress.ts';
import { runningProcess } from '../study/RunLock.ts';
import type { Study } from '../study/Study.ts';
import { readStudyFile } from '../study/studyFile.ts';
import { changedFiles, isSettled } from '../tensors/fileIdentity.ts';
import { wireError } from './errorReply.ts';
import type { StudyListener, StudySource } from './eventStream.ts';
import type { RecentStudies, RecentStudy } from './RecentStudies.ts';
import { studyView } from './studyView.ts';

interface Surroundings {
  readonly kernels: () => Kernels;
  readonly defaultLimits: () => RunLimits;
  readonly recent: RecentStudies;
  readonly log: (message: string) => void;
  readonly studies: { open(path: string): Study };
}

/** An open study, its run if there is one, and everyone who watches it. */
export class RunningStudy implements StudySource {
  readonly id: string;
  readonly #surroundings: Surroundings;
  readonly #listeners = new Set<StudyListener>();
  #study: Study;
  #progress: Progress;
  /** What other processes can change without this one, as it was last told. */
  #outside: string;
  /** Counts from the time of opening, so that no two launches give the same number to two states. */
  #revision = Date.now();
  /** Null until someone asks for it or a run writes to it: it is read from the study folder then. */
  #log: LogLine[] | null = null;
  #abort: AbortController | null = null;
  #running: Promise<void> = Promise.resolve();

  constructor(id: string, study: Study, surroundings: Surroundings) {
    this.id = id;
    this.#study = study;
    this.#surroundings = surroundings;
    this.#progress = this.#progressBefore();
    this.#outside = this.#outsideNow();
  }

  /** The study as it is now: an edit replaces it, and so do other checkpoint files. */
  get study(): Study {
    return this.#study;
  }

  latest(): { progress: Progress; revision: number; log: readonly LogLine[] } {
    const log = this.#remembered();
    return { progress: this.#progress, revision: this.#revision, log: log.slice(-LOG_LINES) };
  }

  /** How many listen. */
  get watchers(): number {
    return this.#listeners.size;
  }

  subscribe(listener: StudyListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells everyone who watches that the study is not what it was: they ask for their view again. */
  changed(): void {
    this.#revision += 1;
    for (const listener of [...this.#listeners]) listener.onStudy(this.#revision);
  }

  run(kernels: Kernels, limits: RunLimits): Progress {
    if (this.#abort) return this.#progress;
    const abort = new AbortController();
    this.#abort = abort;
    this.#running = this.#execute(kernels, limits, abort.signal);
    return this.#progress;
  }

  cancel(): Progress {
    if (this.#abort && !this.#abort.signal.aborted) {
      this.#announce({ ...this.#progress, state: 'cancelling' });
      this.#abort.abort();
    }
    return this.#progress;
  }

  summary(): StudySummary {
    const { name, variants } = this.study.file;
    const labels = variants.map((variant) => variant.label);
    return { id: this.id, name, folder: this.study.folder, variants: labels, state: this.#progress.state };
  }

  /** A study that cannot be read for the moment says so when it is asked for. */
  follow(): void {
    try {
      this.#followDisk();
    } catch (error) {
      if (!(error instanceof PolarimeterError)) throw error;
    }
  }

  /** See Study.pairSources: of the files as they are, once their writer is done. */
  pairSources(tensor: string, variants: readonly string[]): PairSources {
    const pair = this.#study.pairSources(tensor, variants);
    const changed = changedFiles(pair.files);
    if (this.#abort || changed.length === 0 || !changed.every(isSettled)) return pair;
    this.#reopen();
    return this.#study.pairSources(tensor, variants);
  }

  /** What a page needs to know; what other processes did meanwhile counts. */
  view(): StudyView {
    this.#followDisk();
    return studyView(this.id, this.#study, {
      revision: this.#revision,
      progress: this.#progress,
      estimate: this.#estimate(),
    });
  }

  /** What takes a while to read of the study. An edit meanwhile closes what is read: it is read again of the study as it is then. */
  async read<T>(reading: (study: Study) => Promise<T>): Promise<T> {
    const study = this.#study;
    try {
      return await reading(study);
    } catch (error) {
      if (this.#study === study) throw error;
      return this.read(reading);
    }
  }

  /** fails study-busy study-changed, and as editStudy */
  edit({ revision, ...edit }: EditStudy): StudyView {
    if (this.#abort)
      throw new PolarimeterError('study-busy', 'this study is being run; cancel the run first', this.id);
    this.#followDisk();
    if (revision !== this.#revision) {
      const what = `this edit was made on version ${revision} of the study, which is at version ${this.#revision}`;
      throw new PolarimeterError('study-changed', what, this.#study.folder);
    }
    this.#replace(editStudy(this.#study, edit));
    return this.view();
  }

  async close(): Promise<void> {
    this.cancel();
    await this.#running;
    for (const listener of [...this.#listeners]) listener.onEnd();
    this.study[Symbol.dispose]();
  }

  /** The state that is worth remembering: a run in progress counts as not finished. */
  settledState(): RecentStudy['state'] {
    const { state } = this.#progress;
    return state === 'done' || state === 'cancelled' || state === 'failed' ? state : 'idle';
  }

  #replace(study: Study): void {
    this.#study = study;
    this.#outside = this.#outsideNow();
    this.#announce(this.#progressBefore());
    this.#surroundings.recent.note({ folder: study.folder, state: this.settledState() });
    this.changed();
  }

  /** Takes over what other processes did to study.json, the checkpoints and the results; a run goes on with what it began with. */
  #followDisk(): void {
    if (this.#abort) return;
    if (this.#isEdited()) this.#reopen();
    else this.#followFiles();
    const outside = this.#outsideNow();
    if (outside === this.#outside) return;
    this.#outside = outside;
    this.#announce(this.#progressBefore());
    this.changed();
  }

  /** Checkpoints that cannot be opened as they are now leave their results readable; tiles and runs say what is wrong with them. */
  #followFiles(): void {
    const changed = this.#study.changedFiles();
    if (changed.length === 0 || !changed.every(isSettled)) return;
    try {
      this.#reopen();
    } catch (error) {
      if (!(error instanceof PolarimeterError)) throw error;
    }
  }

  #isEdited(): boolean {
    const { folder, file } = this.#study;
    return JSON.stringify(readStudyFile(folder)) !== JSON.stringify(file);
  }

  #reopen(): void {
    const reopened = this.#surroundings.studies.open(this.#study.folder);
    this.#study[Symbol.dispose]();
    this.#replace(reopened);
  }

  #outsideNow(): string {
    return `${String(runningProcess(this.#study.folder))} ${this.#study.resultsVersion()}`;
  }

  async #execute(kernels: Kernels, limits: RunLimits, signal: AbortSignal): Promise<void> {
    const onProgress = (progress: Progress): void => {
      this.#announce(
        signal.aborted && progress.state === 'running' ? { ...progress, state: 'cancelling' } : progress,
      );
    };
    try {
      // Shapes and places come from the headers: those of files that were replaced since are read first.
      if (this.#isEdited() || this.#study.changedFiles().length > 0) this.#reopen();
      this.#announce({ ...this.#progress, state: 'planning', budgetBytes: limits.memoryBytes, error: null });
      this.changed();
      const onLog = (line: LogLine): void => this.#logged(line);
      const last = await this.study.run(kernels, { limits, signal, onProgress, onLog });
      this.#settle(last);
    } catch (error) {
      this.#settle(this.#failed(error));
    }
  }

  #settle(last: Progress): void {
    this.#abort = null;
    this.#outside = this.#outsideNow();
    this.#announce(last);
    this.#surroundings.recent.note({ folder: this.study.folder, state: this.settledState() });
  }

  #failed(error: unknown): Progress {
    const ended = { ...this.#progress, tensor: null, stage: null, millisLeft: null };
    if (error instanceof PolarimeterError && error.code === 'cancelled')
      return { ...ended, state: 'cancelled' };
    return { ...ended, state: 'failed', error: wireError(error, this.#surroundings.log).body };
  }

  #announce(progress: Progress): void {
    this.#progress = progress;
    for (const listener of [...this.#listeners]) listener.onProgress(progress);
  }

  #remembered(): LogLine[] {
    this.#log ??= readRunLog(this.study.folder, LOG_LINES);
    return this.#log;
  }

  #logged(line: LogLine): void {
    // Null: the file has the line already, with what was before it.
    if (this.#log) this.#log.push(line);
    // Cut seldom: moving the rest is what costs.
    if (this.#log && this.#log.length > 2 * LOG_LINES) this.#log.splice(0, LOG_LINES);
    for (const listener of [...this.#listeners]) listener.onLog(line);
  }

  /** Null where the native core, which knows its workspace, is missing. */
  #estimate(): CostEstimate | null {
    try {
      return this.study.estimate(this.#surroundings.kernels(), this.#surroundings.defaultLimits());
    } catch (error) {
      if (error instanceof PolarimeterError && error.code === 'engine-missing') return null;
      throw error;
    }
  }

  #progressBefore(): Progress {
    const { memoryBytes } = this.#surroundings.defaultLimits();
    return restingProgress(this.study.folder, this.#estimate(), memoryBytes);
  }
}
