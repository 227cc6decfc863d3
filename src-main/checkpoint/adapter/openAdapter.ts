import { resolve } from 'node:path';
import type { Checkpoint } from '../../contract/checkpoint.ts';
import { PolarimeterError } from '../../contract/errors.ts';
import { checkpointStep, checkpointTitle } from '../checkpointTitle.ts';
import { countElements } from '../checkTensorLayout.ts';
import { quoteName } from '../quoteName.ts';
import { findAdapterBase } from './findAdapterBase.ts';
import { layAdapter } from './layAdapter.ts';
import { type Adapter, readAdapter } from './readAdapter.ts';

/** What an adapter is laid on. */
export interface AdapterBase {
  /** Path that the user names; wins over what the adapter's own configuration names. */
  readonly named: string | null;
  /** The last resort: what the adapter is compared with. */
  readonly fallback: Checkpoint | null;
}

interface Ways {
  readonly base: AdapterBase;
  readonly open: (path: string) => Checkpoint;
}

interface FoundBase {
  readonly checkpoint: Checkpoint;
  readonly warnings: readonly string[];
}

function findBase({ config }: Adapter, folder: string, { base, open }: Ways): FoundBase {
  if (base.named !== null) return { checkpoint: open(resolve(base.named)), warnings: [] };
  const own = findAdapterBase(config, folder);
  if (own !== null) return { checkpoint: open(own), warnings: [] };
  const named = config.base === null ? 'no base is named' : `its base ${quoteName(config.base)} is not here`;
  if (base.fallback === null)
    throw new PolarimeterError('adapter-base-missing', `adapter_config.json: ${named}`, folder);
  const laid = `laid on ${quoteName(base.fallback.title)}, which it is compared with: ${named}`;
  return { checkpoint: base.fallback, warnings: [laid] };
}

/**
 * Opens an adapter as the checkpoint that it makes of its base; the base is the named one, else the one that the adapter's configuration
 * names, else the fallback. Reads headers only.
 * Fails as reading the adapter and opening its base do, and with adapter-base-missing.
 */
export function openAdapter(path: string, folder: string, ways: Ways): Checkpoint {
  const adapter = readAdapter(folder);
  const { checkpoint: base, warnings } = findBase(adapter, folder, ways);
  const laid = layAdapter(adapter, base);
  const tensors = [...laid.tensors];
  const config = base.config && {
    ...base.config,
    tiedEmbeddings: laid.untied ? false : base.config.tiedEmbeddings,
  };
  return {
    path,
    title: checkpointTitle(path),
    format: 'adapter',
    config,
    tensors,
    files: [...new Set([...base.files, adapter.file])],
    parameters: tensors.reduce((sum, { shape }) => sum + (countElements(shape) ?? 0), 0),
    bytes: base.bytes + adapter.tensors.reduce((sum, { bytes }) => sum + bytes, 0),
    warnings: [...warnings, ...laid.warnings],
    adapter: { base: base.path, ranks: [...laid.ranks], targets: laid.targets },
    step: checkpointStep(path),
  };
}
