import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Checkpoint } from '../contract/checkpoint.ts';
import type { MadeTensor, Recipe } from '../contract/recipe.ts';
import { companionFolders } from '../recipes/companionFolders.ts';
import { openModel } from '../recipes/openModel.ts';
import { pinRecipe } from '../recipes/pinRecipe.ts';
import { recipeText } from '../recipes/recipeText.ts';
import { isMadeFile } from '../tensors/madeFile.ts';
import { copyCompanions, findCompanions, type Companions } from './companionFiles.ts';
import { checkSpace, freeBytes } from './diskSpace.ts';
import { checkOutput, OutputFolder, refuseSourceFolders } from './outputFolder.ts';
import { planShards } from './planShards.ts';
import { CARD_FILE, PROVENANCE_FILE, provenanceCard, provenanceOf, type Provenance } from './provenance.ts';
import { sourceFolders } from './sourceFolders.ts';
import { HeldSources } from './HeldSources.ts';
import { tensorsToWrite, type TensorToWrite, type WritePlan } from './tensorsToWrite.ts';
import { isSameContent, verifyWritten } from './verifyWritten.ts';
import { writingTo } from './writeErrors.ts';
import { WriteMeter, type WriteProgress } from './WriteMeter.ts';
import { writeShards, type WritingKernels } from './writeShards.ts';

/** 5 GB, as transformers cuts them. */
export const SHARD_BYTES = 5e9;

/** What a checkpoint that is a recipe says, and how its tensors come about. */
export interface RecipeToWrite {
  readonly recipe: Recipe;
  /** What relative paths in it are relative to. */
  readonly folder: string;
  /** Computes what is missing of it. */
  readonly make: () => Promise<readonly MadeTensor[]>;
}

export interface WriteOptions {
  readonly kernels: WritingKernels;
  /** Replace a folder of a checkpoint that is there. */
  readonly force?: boolean;
  readonly shardBytes?: number;
  readonly signal: AbortSignal;
  readonly recipe?: RecipeToWrite | undefined;
  readonly onProgress?: (progress: WriteProgress) => void;
  /** Bytes left on the disk of a path. */
  readonly free?: (path: string) => number;
}

export interface WrittenCheckpoint {
  readonly path: string;
  /** Names of the files of weights. */
  readonly files: readonly string[];
  readonly provenance: Provenance;
}

function bytesOf({ tensors }: WritePlan, { files }: Companions): number {
  const beside = [...files.values()].reduce((sum, path) => sum + statSync(path).size, 0);
  return tensors.reduce((sum, { bytes }) => sum + bytes, beside);
}

/** The recipe with the content of its inputs, and what its edits changed. */
async function recipeFacts(
  { recipe, folder }: RecipeToWrite,
  made: readonly MadeTensor[],
  { kernels, signal }: WriteOptions,
): Promise<NonNullable<Provenance['recipe']>> {
  const pinned = await pinRecipe(recipe, folder, kernels, { signal });
  const inputs = Object.entries(pinned.inputs).map(([name, { path, fingerprint = '' }]) => ({
    name,
    path: resolve(folder, path),
    fingerprint,
  }));
  return { text: recipeText(pinned), inputs, tensors: [...made] };
}

/** What config.json says of tensors that are no longer so. */
function staleQuantisation({ tensors }: WritePlan, { files }: Companions): string[] {
  const config = files.get('config.json');
  const isPlainNow = tensors.some(({ source, converted }) => converted !== null || isMadeFile(source.file));
  if (config === undefined || !isPlainNow || !readFileSync(config, 'utf8').includes('"quantization_config"'))
    return [];
  return [
    'config.json declares quantised weights, but changed tensors are written in plain types: programs may look for scales that are gone',
  ];
}

interface Found {
  readonly plan: WritePlan;
  readonly companions: Companions;
  readonly recipe: Provenance['recipe'];
}

function facts(
  checkpoint: Checkpoint,
  { plan, companions, recipe }: Found,
  roundings: ReadonlyMap<string, number>,
): Provenance {
  const { tensors, tied } = plan;
  const { files } = companions;
  const warnings = [...companions.warnings, ...staleQuantisation(plan, companions)];
  const { path, title, format } = checkpoint;
  return provenanceOf({
    source: { path, title, format },
    recipe,
    tensors: tensors.length,
    bytes: tensors.reduce((sum, { bytes }) => sum + bytes, 0),
    tied: [...tied].map(([tensor, sharedWith]) => ({ tensor, sharedWith })),
    converted: tensors.flatMap(({ name, source, converted }) =>
      converted === null
        ? []
        : [{ tensor: name, from: source.dtype, to: converted, rounding: roundings.get(name) ?? 0 }],
    ),
    copied: [...files.keys()],
    warnings,
  });
}

/** Everything that goes into the folder, in the folder; compared with its sources when it returns. */
async function fill(
  folder: string,
  checkpoint: Checkpoint,
  found: Found,
  { kernels, signal, shardBytes = SHARD_BYTES, onProgress = () => undefined }: WriteOptions,
): Promise<Omit<WrittenCheckpoint, 'path'>> {
  const { tensors } = found.plan;
  const meter = new WriteMeter(
    tensors.reduce((sum, { bytes }) => sum + bytes, 0),
    onProgress,
  );
  const shards = planShards(tensors, shardBytes);
  const onBytes = ({ name }: TensorToWrite, bytes: number): void => meter.add(name, bytes);
  const roundings = await writeShards(folder, shards, { kernels, signal, onBytes });
  copyCompanions(found.companions, folder);
  meter.stage('verify');
  const onTensor = (tensor: TensorToWrite): void => onBytes(tensor, tensor.bytes);
  await verifyWritten(folder, tensors, kernels, { roundings, signal, onTensor });
  const provenance = facts(checkpoint, found, roundings);
  return { files: shards.map(({ file }) => file), provenance };
}

/**
 * Writes a checkpoint as a folder that transformers, vLLM and llama.cpp load: safetensors in shards with their index, what lies beside
 * the weights, and where it all comes from. It is made beside its place, read back and compared, and then put there; until then
 * nothing is at the place, and after a failure, or when it is cancelled, nothing is left. Sources are only read, and must not change.
 * Fails as making a recipe does, with `recipe-not-made` where that was not asked for, `source-folder`, `output-exists`, `disk-space`, `write-failed`, `write-not-verified`, `unsupported-format`, `file-changed`,
 * `cancelled`.
 */
export async function writeCheckpoint(
  checkpoint: Checkpoint,
  to: string,
  options: WriteOptions,
): Promise<WrittenCheckpoint> {
  const out = resolve(to);
  refuseSourceFolders(out, sourceFolders(checkpoint, openModel));
  return await writingTo(out, async () => {
    checkOutput(out, options.force ?? false);
    const { kernels, signal, free = freeBytes } = options;
    const made = (await options.recipe?.make()) ?? [];
    using sources = new HeldSources(checkpoint, kernels.files);
    const plan = await tensorsToWrite(checkpoint, (a, b) => isSameContent(kernels, [a, b], signal));
    const companions = findCompanions(companionFolders(checkpoint, openModel));
    checkSpace(out, bytesOf(plan, companions), free);
    const recipe = options.recipe ? await recipeFacts(options.recipe, made, options) : null;
    using beside = new OutputFolder(out);
    const found = { plan, companions, recipe };
    const { files, provenance } = await fill(beside.folder, checkpoint, found, options);
    writeFileSync(join(beside.folder, PROVENANCE_FILE), `${JSON.stringify(provenance, null, 2)}\n`);
    writeFileSync(join(beside.folder, CARD_FILE), provenanceCard(basename(out), provenance));
    sources.check();
    beside.publish();
    return { path: out, files, provenance };
  });
}
