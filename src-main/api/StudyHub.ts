import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PolarimeterError } from '../contract/errors.ts';
import type { EditStudy } from '../contract/editStudy.ts';
import type { CreateStudy, RunStudy, StudySummary, StudyView } from '../contract/routes.ts';
import { StudyFile, type Progress, type RunLimits } from '../contract/study.ts';
import type { Kernels } from '../kernels/Kernels.ts';
import { interruptedRun, runningProcess } from '../study/RunLock.ts';
import type { Study } from '../study/Study.ts';
import { readStudyFile } from '../study/studyFile.ts';
import type { RecentStudies, RecentStudy } from './RecentStudies.ts';
import { RunningStudy } from './RunningStudy.ts';

/** What the hub does to the world; an argument so that tests can make it fail. */
export interface HubServices {
  readonly studies: {
    open(path: string): Study;
    create(folder: string, file: StudyFile): Study;
  };
  /** Folder and file of the embedded demo study. */
  readonly demo: () => { folder: string; file: StudyFile };
  /** The native core; throws engine-missing where there is none. */
  readonly kernels: () => Kernels;
  readonly defaultLimits: () => RunLimits;
  readonly recent: RecentStudies;
  /** Where studies go that were made without naming a folder. */
  readonly studiesFolder: string;
  readonly log: (message: string) => void;
}

/** Every study that is open behind this handler: one run each, any number of listeners. */
export class StudyHub {
  readonly #services: HubServices;
  readonly #open = new Map<string, RunningStudy>();

  constructor(services: HubServices) {
    this.#services = services;
  }

  /** The native core. fails engine-missing */
  get kernels(): Kernels {
    return this.#services.kernels();
  }

  /** Opens a study folder or study.json; one that is open already is the same study. Returns its id. */
  open(path: string): string {
    const id = idOf(path);
    return this.#open.has(id) ? id : this.#admit(this.#services.studies.open(path));
  }

  create(request: CreateStudy): string {
    const folder = request.folder ?? this.#freeFolder(request.name);
    return this.#admit(this.#services.studies.create(folder, studyFile(request)));
  }

  openDemo(): string {
    const { folder, file } = this.#services.demo();
    // One that was edited stays as it was left; one of an installation that has moved is made anew.
    const isThere =
      existsSync(join(folder, 'study.json')) && readStudyFile(folder).base.path === file.base.path;
    if (isThere || this.#open.has(idOf(folder))) return this.open(folder);
    return this.#admit(this.#services.studies.create(folder, file));
  }

  /**
   * An id outlives the server as long as its folder is in the recent list, so that a page can be reloaded after a restart.
   * fails not-found
   */
  get(id: string): RunningStudy {
    const recent = this.#services.recent.list().find(({ folder }) => idOf(folder) === id);
    if (!this.#open.has(id) && recent) this.open(recent.folder);
    const study = this.#open.get(id);
    if (!study) throw new PolarimeterError('not-found', 'no study of this id is open', id);
    return study;
  }

  /** The recent studies whose folder is there, newest first. Only their study.json is read. */
  list(): StudySummary[] {
    return this.#services.recent.list().flatMap((recent) => {
      const id = idOf(recent.folder);
      const summary = this.#open.get(id)?.summary() ?? summaryOnDisk(id, recent);
      return summary ? [summary] : [];
    });
  }

  /** Starts a run; a study that runs already goes on as it is. fails engine-missing */
  run(id: string, request: RunStudy): Progress {
    const limits = this.#services.defaultLimits();
    return this.get(id).run(this.#services.kernels(), {
      memoryBytes: request.memoryBytes ?? limits.memoryBytes,
      threads: request.threads ?? limits.threads,
    });
  }

  /** Changes what a study consists of; see RunningStudy.edit. */
  edit(id: string, request: EditStudy): StudyView {
    return this.get(id).edit(request);
  }

  /** Takes a study off the list of recent ones; its folder stays as it is. */
  forget(id: string): void {
    this.#services.recent.forget((folder) => idOf(folder) === id);
  }

  cancel(id: string): Progress {
    return this.get(id).cancel();
  }

  /** Cancels what runs, waits for it, ends every event stream and closes the stores. */
  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map((study) => study.close()));
    this.#open.clear();
  }

  #admit(study: Study): string {
    const id = idOf(study.folder);
    if (this.#open.has(id)) {
      study[Symbol.dispose]();
      return id;
    }
    const running = new RunningStudy(id, study, this.#services);
    this.#open.set(id, running);
    this.#services.recent.open({ folder: resolve(study.folder), state: running.settledState() });
    return id;
  }

  #freeFolder(name: string): string {
    const slug =
      name
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-|-$/g, '') || 'study';
    for (let n = 1; ; n++) {
      const folder = join(this.#services.studiesFolder, n === 1 ? slug : `${slug}-${String(n)}`);
      if (!existsSync(folder)) return folder;
    }
  }
}

/** The same folder has the same id in every launch; the path cannot be read from it. */
function idOf(path: string): string {
  const folder = resolve(path).replace(/[/\\]study\.json$/, '');
  return createHash('sha256').update(folder).digest('base64url').slice(0, 16);
}

function studyFile({ name, base, variants, options }: CreateStudy): StudyFile {
  return StudyFile.parse({ schema: 'polarimeter.study/1', name, base: { path: base }, variants, options });
}

function stateOnDisk({ folder, state }: RecentStudy): Progress['state'] {
  if (runningProcess(folder) !== null) return 'elsewhere';
  return interruptedRun(folder) === null ? state : 'interrupted';
}

/** Null when the folder is gone, on a disk that is not mounted, or no longer a study. */
function summaryOnDisk(id: string, recent: RecentStudy): StudySummary | null {
  const { folder } = recent;
  try {
    const state = stateOnDisk(recent);
    const file = StudyFile.parse(JSON.parse(readFileSync(join(folder, 'study.json'), 'utf8')));
    return { id, name: file.name, folder, variants: file.variants.map(({ label }) => label), state };
  } catch {
    return null;
  }
}
