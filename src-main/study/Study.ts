import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { compareRoles, modelOrder } from '../architecture/modelOrder.ts';
import { must } from '../base/assert.ts';
import type { Alignment } from '../contract/alignment.ts';
import type { Checkpoint } from '../contract/checkpoint.ts';
import { PolarimeterError } from '../contract/errors.ts';
import type { MeasureInfo } from '../contract/measure.ts';
import type { MapDocument, MapQuery } from '../contract/map.ts';
import { RowsQuery } from '../contract/routes.ts';
import type { Consensus, Curve, Row } from '../contract/rows.ts';
import type { CostEstimate, Progress, RunLimits, StudyFile } from '../contract/study.ts';
import type { Kernels } from '../kernels/Kernels.ts';
import { measureInfo } from '../measures/registry.ts';
import { relativeNorm } from '../measures/relativeNorm.ts';
import {
  changedFiles,
  fileIdentityIfThere,
  type FileIdentity,
  type FileStates,
} from '../tensors/fileIdentity.ts';
import { checkMeasures } from './checkMeasures.ts';
import { estimateCost } from './cost.ts';
import { currency } from './currency.ts';
import { readCurves } from './curves.ts';
import { EntryCache } from './EntryCache.ts';
import { readHeaders, type Headers } from './headers.ts';
import { filesOf, leaseFiles } from './leaseFiles.ts';
import { writing } from './fileErrors.ts';
import { lineage } from './lineage.ts';
import { MissingItems } from './MissingItems.ts';
import { checkPart } from './modelPart.ts';
import { narrowed } from './narrowed.ts';
import { normMatchedRows } from './normMatched.ts';
import { performRun, type RunOptions } from './performRun.ts';
import { findItem, planItems, type TensorItem } from './plan.ts';
import { Pace } from './Pace.ts';
import { pairSources, type PairSources } from './pairSources.ts';
import { readMap } from './readMap.ts';
import { readRows } from './readRows.ts';
import { recipeFiles } from './recipeFiles.ts';
import { RowReader, type RowSource } from './rows.ts';
import { moduleName } from './selectTensors.ts';
import { runSets } from './siblings.ts';
import { spectralWorkspace } from './spectralStage.ts';
import { Store } from './Store.ts';
import {
  parseStudyFile,
  readStudyFile,
  refuseSourceFolder,
  studyFolder,
  writeStudyFile,
} from './studyFile.ts';
import { wantedMeasures, wants, type WantedMeasures } from './wanted.ts';

/**
 * One base checkpoint and its variants, and everything that has been measured of them: study.json and results.sqlite in a folder.
 * Checkpoints are opened for their headers only; a run maps them. Dispose a study when it is no longer shown.
 */
export class Study implements Disposable {
  readonly folder: string;
  readonly file: StudyFile;
  /** 'base' and every variant label. */
  readonly checkpoints: ReadonlyMap<string, Checkpoint>;
  /** Variant label -> alignment with what it is compared with. */
  readonly alignments: ReadonlyMap<string, Alignment>;
  /** Transformer layers and modules in the order of the model. */
  readonly layers: readonly number[];
  readonly modules: readonly string[];
  readonly #items: readonly TensorItem[];
  /** State of every file when its header was read; null for one that was not there. */
  readonly #files: FileStates;
  /** The same of every file that decides what these say: recipes, and what they compute their tensors from. */
  readonly #watched: FileStates;
  readonly #wanted: WantedMeasures;
  readonly #store: Store;
  readonly #missing: MissingItems;
  readonly #entries: EntryCache;
  #estimated: { missing: readonly TensorItem[]; limits: string; cost: CostEstimate } | null = null;

  private constructor(folder: string, file: StudyFile, opened: { headers: Headers; store: Store }) {
    this.folder = folder;
    this.file = file;
    this.#store = opened.store;
    this.checkpoints = opened.headers.checkpoints;
    this.alignments = opened.headers.alignments;
    this.#items = planItems(file, this.alignments);
    this.#files = new Map(filesOf(this.#items).map((path) => [path, fileIdentityIfThere(path)]));
    this.#watched = new Map([...this.#files, ...recipeFiles(this.checkpoints.values())]);
    this.#wanted = wantedMeasures(file.options);
    const files = [...this.#files.keys()];
    this.#entries = new EntryCache(files);
    this.#missing = new MissingItems({
      items: this.#items,
      files,
      measures: this.#wanted,
      sets: runSets(file.variants),
      store: this.#store,
    });
    const inLayers = this.#items.map(({ role }) => role).filter(({ layer }) => layer !== null);
    this.layers = modelOrder(inLayers).layers;
    this.modules = [...new Set(inLayers.toSorted(compareRoles).map(moduleName))];
    this.#rememberHeaders();
  }

  /**
   * Writes study.json into a folder, once all checkpoints are read and aligned. A folder that holds the very same study is opened.
   * Fails with `study-mismatch` when it holds another one, `source-folder`, `study-read-only`, `disk-full`, `study-invalid`, `usage`,
   * and as opening and aligning checkpoints does.
   */
  static create(folder: string, file: StudyFile): Study {
    const absolute = resolve(folder);
    const checked = parseStudyFile(file, absolute);
    checkMeasures(checked);
    const headers = readHeaders(absolute, checked, () => null);
    refuseSourceFolder(absolute, headers.checkpoints.values());
    if (existsSync(resolve(absolute, 'study.json'))) {
      const present = readStudyFile(absolute);
      if (JSON.stringify(lineage(absolute, present)) !== JSON.stringify(lineage(absolute, checked))) {
        throw new PolarimeterError(
          'study-mismatch',
          `this folder holds the study "${present.name}"`,
          absolute,
        );
      }
    }
    writeStudyFile(absolute, checked);
    return Study.of(absolute, checked, headers);
  }

  /** A study whose study.json is written and whose headers are read. */
  static of(folder: string, file: StudyFile, headers: Headers): Study {
    return new Study(folder, file, { headers, store: new Store(folder) });
  }

  /** Fails with `study-not-found`, `study-invalid`, `study-version`, and as opening checkpoints does. */
  static open(path: string): Study {
    const folder = studyFolder(path);
    const file = readStudyFile(folder);
    checkMeasures(file);
    const store = new Store(folder);
    try {
      return new Study(folder, file, {
        headers: readHeaders(folder, file, (label) => store.header(label)),
        store,
      });
    } catch (error) {
      store[Symbol.dispose]();
      throw error;
    }
  }

  /** The measures of this study, with its parameters. */
  measures(): MeasureInfo[] {
    return measureInfo(this.file.options).filter((info) => wants(this.file.options, info));
  }

  /** The files that are there in another state than the one in which their headers were read: what is known of them may be wrong. */
  changedFiles(): FileIdentity[] {
    return changedFiles(this.#watched);
  }

  /** Another word after every change of what is stored, here or by another process. */
  resultsVersion(): string {
    return writing(this.folder, () => this.#store.bindingsVersion());
  }

  /** What a run would cost now. Results of files that have not changed since they were measured count as cached. */
  estimate(kernels: Kernels, limits: RunLimits): CostEstimate {
    const missing = this.#missing.read();
    const asked = JSON.stringify(limits);
    if (this.#estimated?.missing === missing && this.#estimated.limits === asked) return this.#estimated.cost;
    // Held until the last answer: opened and closed for each tensor, the files would take most of the time.
    using _leases = leaseFiles(kernels, missing);
    const cost = estimateCost(missing, this.#items, limits, (item) =>
      spectralWorkspace(item, kernels, this.file.options),
    );
    this.#estimated = { missing, limits: asked, cost };
    return cost;
  }

  /**
   * Computes what is missing, tensors of recipes first. Resolves when done or cancelled; a run that is killed at any moment loses the
   * tensors in flight only. Fails with `study-busy`, `file-changed`, `disk-full`, `study-read-only`, `read-failed`, `library-missing`, and
   * as making recipes does.
   */
  async run(kernels: Kernels, options: RunOptions): Promise<Progress> {
    return await performRun(
      {
        folder: this.folder,
        file: this.file,
        checkpoints: this.checkpoints,
        items: this.#items,
        files: this.#files,
        measures: this.#wanted,
        store: this.#store,
        countStored: () => this.#items.length - this.#missing.read().length,
      },
      kernels,
      options,
    );
  }

  /** Everything stored, per tensor and aggregated; what is not compared is a row with a reason. */
  rows(query: Partial<RowsQuery> = {}): Row[] {
    const parsed = RowsQuery.parse(query);
    // Before it is narrowed: layers and modules of other tensors are no mistake.
    checkPart(parsed, this.alignments);
    const reader = new RowReader(narrowed(this.#rowSource(), parsed.tensor));
    const rows = reader.rows(parsed);
    if (parsed.per.length === 0) return rows;
    const norms = reader.rows({ ...parsed, measure: [relativeNorm.info.id], per: [] });
    return normMatchedRows(rows, this.measures(), norms);
  }

  /** The same for several queries at once, one list of rows for each; other work goes on while they are read. */
  async readRows(queries: readonly Partial<RowsQuery>[]): Promise<Row[][]> {
    const parsed = queries.map((query) => RowsQuery.parse(query));
    for (const query of parsed) checkPart(query, this.alignments);
    if (parsed.some(({ tensor }) => tensor.length > 0)) return queries.map((query) => this.rows(query));
    return readRows(this.#rowSource(), { entries: this.#entries, measures: this.measures() }, parsed);
  }

  /** How many weights exactly c of the runs of each set changed. Fails with `usage` for layers or modules that there are not. */
  async consensus(query: Pick<RowsQuery, 'layers' | 'module'>): Promise<Consensus[]> {
    checkPart(query, this.alignments);
    const source = this.#rowSource();
    return new RowReader(source, await this.#entries.read(source, new Pace())).consensus(query);
  }

  /** One measure of every module of every layer, or of every tensor of one module; other work goes on while it is read. */
  map({ measure: [id], ...query }: MapQuery): Promise<MapDocument> {
    const info = must(
      this.measures().find((known) => known.id === id),
      'a measure of the study',
    );
    return readMap(this.#rowSource(), { study: this.file.name, info, entries: this.#entries }, query);
  }

  /** Spectra, angle curves, profiles and step histograms of a tensor. Fails with `usage` for one that is not compared. */
  curves(tensor: string): Curve[] {
    return readCurves(findItem(this.#items, tensor), this.#store);
  }

  /** One tensor in some variants, for the native core. Fails with `usage` where it is not compared, or with several checkpoints. */
  pairSources(tensor: string, variants: readonly string[]): PairSources {
    const opened = { items: this.#items, alignments: this.alignments, files: this.#files };
    return pairSources(tensor, variants, opened);
  }

  [Symbol.dispose](): void {
    this.#store[Symbol.dispose]();
  }

  #rememberHeaders(): void {
    for (const [label, checkpoint] of this.checkpoints) {
      if (!existsSync(checkpoint.path)) continue;
      const header = JSON.stringify(checkpoint);
      if (header !== this.#store.header(label)) this.#store.putHeader(label, header);
    }
  }

  #rowSource(): RowSource & { store: Store } {
    return {
      variants: this.file.variants,
      alignments: this.alignments,
      items: this.#items,
      measures: this.#wanted,
      store: this.#store,
      isCurrent: currency(),
    };
  }
}
