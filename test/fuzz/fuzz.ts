import { BlockCoverage } from './BlockCoverage.ts';
import { Corpus } from './Corpus.ts';
import { FuzzRunner } from './FuzzRunner.ts';
import type { FuzzTarget } from './fuzzTargets.ts';
import { mutate } from './mutate.ts';
import { RandomSource } from './RandomSource.ts';

/** How long to look, from which seed, and whether to keep what was found. */
export interface FuzzOptions {
  readonly seconds: number;
  readonly seed: number;
  /** Whether to replace the corpus by the smallest inputs that reach everything that was reached. */
  readonly keep: boolean;
  /** A folder for files that parsers read. */
  readonly folder: string;
}

export interface FuzzReport {
  readonly target: string;
  readonly runs: number;
  /** Characters of the sources that ran. */
  readonly covered: number;
  readonly interesting: number;
  readonly failures: readonly { readonly path: string; readonly problem: string }[];
}

const SOURCES = '/src-main/';
/** One look at the coverage costs about as much as this many runs. */
const BATCH = 16;
const MOST_FAILURES = 5;
/** New inputs are changed more often than old ones. */
const RECENT = 20;

/** Guided search: inputs that reach code which no input before reached become the start of further ones. */
class Search {
  readonly pool: Uint8Array[] = [];
  readonly failures: { path: string; problem: string }[] = [];
  readonly #runner: FuzzRunner;
  readonly #coverage: BlockCoverage;
  readonly #corpus: Corpus;

  constructor(runner: FuzzRunner, coverage: BlockCoverage, corpus: Corpus) {
    this.#runner = runner;
    this.#coverage = coverage;
    this.#corpus = corpus;
  }

  run(input: Uint8Array): void {
    const problem = this.#runner.run(input);
    if (problem !== null) this.failures.push({ path: this.#corpus.addFailure(input), problem });
  }

  /** Runs a batch; only if it reached something new, its inputs are run again one by one. */
  runBatch(inputs: readonly Uint8Array[]): void {
    this.#coverage.reset();
    const failed = this.failures.length;
    for (const input of inputs) this.run(input);
    if (this.#coverage.countNew(this.#coverage.take()) === 0 || this.failures.length > failed) return;
    for (const input of inputs) this.keepIfNew(input);
  }

  keepIfNew(input: Uint8Array): void {
    this.#coverage.reset();
    this.run(input);
    const ran = this.#coverage.take();
    if (this.#coverage.countNew(ran) === 0) return;
    this.#coverage.add(ran);
    this.pool.push(input);
  }
}

/** The few smallest inputs that together reach what all of them reach. */
function smallest(runner: FuzzRunner, inputs: readonly Uint8Array[]): Uint8Array[] {
  using coverage = new BlockCoverage(SOURCES);
  const kept: Uint8Array[] = [];
  for (const input of inputs.toSorted((a, b) => a.length - b.length)) {
    coverage.reset();
    runner.run(input);
    const ran = coverage.take();
    if (coverage.countNew(ran) === 0) continue;
    coverage.add(ran);
    kept.push(input);
  }
  return kept;
}

/** Fuzzes one parser for a time. Kept inputs come first, so a report without failures covers them as well. */
export function fuzz(target: FuzzTarget, { seconds, seed, keep, folder }: FuzzOptions): FuzzReport {
  const corpus = new Corpus(target.name);
  const runner = new FuzzRunner(target, folder);
  using coverage = new BlockCoverage(SOURCES);
  const search = new Search(runner, coverage, corpus);
  const random = new RandomSource(seed);
  const start = [...target.seeds(), ...corpus.read()];
  for (const input of start) search.keepIfNew(input);
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end && search.failures.length < MOST_FAILURES) {
    const { pool } = search;
    const recent = pool.slice(-RECENT);
    const batch = Array.from({ length: BATCH }, () =>
      mutate(random.pick(random.below(2) === 0 ? recent : pool), {
        random,
        others: pool,
        tokens: target.tokens,
      }),
    );
    search.runBatch(batch);
  }
  if (keep) corpus.replace(smallest(runner, search.pool));
  const { runs } = runner;
  const { size } = coverage;
  return {
    target: target.name,
    runs,
    covered: size,
    interesting: search.pool.length,
    failures: search.failures,
  };
}
