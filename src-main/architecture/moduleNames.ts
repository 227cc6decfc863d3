import type { TensorPath } from './tensorPath.ts';

/** Paths that share this many last parts are named in full; it bounds the work on hostile names. */
const MOST_STEPS = 6;

const suffix = (modules: readonly string[], length: number): string => modules.slice(-length).join('.');

/** Experts are kept apart from the dense module of the same name; an image encoder keeps its whole path. */
function leastLength({ modules, isForeign }: TensorPath): number {
  if (isForeign) return modules.length;
  const experts = modules.findLastIndex((part) => part.includes('expert'));
  return experts < 0 ? 1 : modules.length - experts;
}

/**
 * Short names of modules, one per path: the last part ("q_proj"), or as many parts as it takes to tell apart modules
 * that share it ("attn.c_proj" and "mlp.c_proj"). Modules inside and outside the layers are named separately.
 */
export function moduleNames(paths: readonly TensorPath[]): string[] {
  const full = (path: TensorPath): string =>
    `${path.layer === null ? '' : 'layer:'}${path.modules.join('.')}`;
  const distinct = [...new Map(paths.map((path) => [full(path), path])).values()];
  const names = new Map<string, string>();
  let open = distinct.map((path) => ({ path, length: leastLength(path) }));
  while (open.length > 0) {
    const key = ({ path, length }: (typeof open)[number]): string =>
      `${path.layer === null ? '' : 'layer:'}${suffix(path.modules, length)}`;
    const groups = Map.groupBy(open, key);
    const longer: typeof open = [];
    for (const group of groups.values()) {
      for (const { path, length } of group) {
        if (group.length === 1 || length >= path.modules.length)
          names.set(full(path), suffix(path.modules, length));
        else longer.push({ path, length: length < MOST_STEPS ? length + 1 : path.modules.length });
      }
    }
    open = longer;
  }
  return paths.map((path) => names.get(full(path)) ?? suffix(path.modules, 1));
}
