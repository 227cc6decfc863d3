import type { Checkpoint, TensorInfo, TensorRole } from '../contract/checkpoint.ts';
import { headLayout } from './headLayout.ts';
import { isConv1d } from './isConv1d.ts';
import { moduleNames } from './moduleNames.ts';
import { tensorKind } from './tensorKind.ts';
import { tensorPath } from './tensorPath.ts';
import { tiedTensors } from './tiedTensors.ts';

/** Length of the query norm of each layer, which is the size of a head where a model has such norms. */
function queryNormSizes(roles: readonly TensorRole[], tensors: readonly TensorInfo[]): Map<number, number> {
  const sizes = new Map<number, number>();
  for (const [i, { layer, module, parameter }] of roles.entries()) {
    const size = tensors[i]?.shape[0] ?? 0;
    if (layer !== null && module === 'q_norm' && parameter === 'weight' && size > 0) sizes.set(layer, size);
  }
  return sizes;
}

/**
 * What every tensor of a checkpoint is, in the order of checkpoint.tensors: layer, module, kind, heads, expert, and whether
 * it only repeats another one. Works from names and shapes, with config.json for heads and tied embeddings.
 * @param transposed names of matrices that are stored as (inputs, outputs), where their names do not tell
 */
export function describeTensors(
  checkpoint: Checkpoint,
  transposed: ReadonlySet<string> = new Set(),
): TensorRole[] {
  const { tensors, config } = checkpoint;
  const paths = tensors.map(({ name }) => tensorPath(name));
  const modules = moduleNames(paths);
  const roles = tensors.map(({ name, shape }, i): TensorRole => {
    const path = paths[i] ?? tensorPath(name);
    const { layer, parameter } = path;
    const kind = tensorKind(name, path, shape);
    return {
      tensor: name,
      layer,
      module: modules[i] ?? name,
      parameter,
      kind,
      heads: null,
      expert: path.expert,
      tiedTo: null,
    };
  });
  const described = tensors.flatMap((tensor, i) => (roles[i] ? [{ tensor, role: roles[i] }] : []));
  const owners = tiedTensors(checkpoint, described);
  const normSizes = queryNormSizes(roles, tensors);
  return described.map(({ tensor, role }) => {
    const { layer, module, kind } = role;
    const normSize = layer === null ? null : (normSizes.get(layer) ?? null);
    const isTransposed = transposed.has(tensor.name) || isConv1d(tensor.name, config);
    const outputs = isTransposed ? 'columns' : 'rows';
    const heads =
      layer !== null && kind === 'matrix'
        ? headLayout(module, tensor.shape, config, { normSize, outputs })
        : null;
    return { ...role, heads, tiedTo: owners.get(tensor.name) ?? null };
  });
}
