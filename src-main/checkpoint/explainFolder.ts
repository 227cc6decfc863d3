import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { ErrorCode } from '../contract/errors.ts';
import { PolarimeterError } from '../contract/errors.ts';
import { listFolder } from './listFolder.ts';
import { quoteName } from './quoteName.ts';

interface ForeignFormat {
  readonly names: RegExp;
  readonly code: ErrorCode;
  readonly what: string;
}

/** What people have instead of weights that can be read, nearest to a model first. */
const FOREIGN_FORMATS: readonly ForeignFormat[] = [
  {
    names: /^adapter_model\.(?:safetensors|bin)$/,
    code: 'adapter-invalid',
    what: 'belongs to a LoRA adapter; its adapter_config.json is not there',
  },
  {
    names: /\.(?:incomplete|part|partial|crdownload|aria2)$/,
    code: 'incomplete-download',
    what: 'is an unfinished download',
  },
  {
    names: /\.distcp$/,
    code: 'unsupported-format',
    what: 'is part of a distributed training checkpoint; merge it into safetensors first, e.g. with `accelerate merge-weights`',
  },
  {
    names: /_(?:optim|model)_states\.pt$/,
    code: 'unsupported-format',
    what: 'is part of a DeepSpeed checkpoint; join its parts with `zero_to_fp32.py`, which DeepSpeed writes beside the folder',
  },
  {
    names: /^(?:model|optim|extra_state)_world_size_\d+_rank_\d+\.pt$/,
    code: 'unsupported-format',
    what: 'is one shard of a verl checkpoint; join the shards with `python -m verl.model_merger merge`',
  },
  {
    names: /^(?:mp_rank_\d+(?:_\d+)*|model_optim_rng\.pt|distrib_optim\.pt)$/,
    code: 'unsupported-format',
    what: 'is part of a Megatron checkpoint; convert it to the Hugging Face layout first, with the converter of its trainer',
  },
  {
    names:
      /^(?:optimizer(?:[._-]\w+)*|scheduler|scaler|sampler|training_args|data|rng_state(?:_\d+)?|random_states_\d+)\.(?:pt|pth|bin|pkl)$/,
    code: 'not-a-checkpoint',
    what: 'is the state of a trainer; the weights are not there',
  },
  {
    names: /^adapter_config\.json$/,
    code: 'not-a-checkpoint',
    what: 'describes an adapter; its weights are not there',
  },
  {
    names: /^mmproj.*\.gguf$/i,
    code: 'unsupported-format',
    what: 'is the image encoder beside a GGUF model, not a language model',
  },
  {
    names: /\.(?:h5|msgpack|npz|onnx|nemo)$/,
    code: 'unsupported-format',
    what: 'is in a format that is not read; safetensors, PyTorch archives and GGUF are',
  },
];

/** Why a file is not one of weights that can be read, told by its name; null when the name says nothing. */
export function explainFile(path: string): PolarimeterError | null {
  const name = basename(path);
  const format = FOREIGN_FORMATS.find(({ names }) => names.test(name));
  return format ? new PolarimeterError(format.code, `${quoteName(name)} ${format.what}`, path) : null;
}

/** Names of unfinished downloads that the Hugging Face client keeps elsewhere for this folder. */
function unfinishedDownloads(folder: string): string[] {
  const isRepository = basename(folder).startsWith('models--');
  const repository = basename(dirname(folder)) === 'snapshots' ? dirname(dirname(folder)) : folder;
  const inCache = isRepository || repository !== folder ? [join(repository, 'blobs')] : [];
  const places = [join(folder, '.cache', 'huggingface', 'download'), ...inCache];
  return places
    .filter((place) => existsSync(place))
    .flatMap(listFolder)
    .filter((name) => name.endsWith('.incomplete'));
}

/**
 * Why a folder without weights that can be read is not a checkpoint, by the nearest thing that it holds.
 * Null when nothing in it has to do with a model.
 */
export function explainFolder(folder: string, names: readonly string[]): PolarimeterError | null {
  for (const format of FOREIGN_FORMATS) {
    const name = names.find((candidate) => format.names.test(candidate));
    if (name !== undefined) {
      return new PolarimeterError(
        format.code,
        `this folder holds ${quoteName(name)}, which ${format.what}`,
        folder,
      );
    }
  }
  const [unfinished] = unfinishedDownloads(folder);
  if (unfinished === undefined) {
    if (!names.includes('config.json')) return null;
    return new PolarimeterError('not-a-checkpoint', 'this folder holds config.json, but no weights', folder);
  }
  const what = `the weights of this folder are still being downloaded (${quoteName(unfinished)})`;
  return new PolarimeterError('incomplete-download', what, folder);
}
