import { DTYPE_BITS } from '../contract/checkpoint.ts';

/** A tensor as it will be stored. */
export interface StoredShape {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: number;
}

export interface Shard<Tensor extends StoredShape = StoredShape> {
  readonly file: string;
  /** Length of the header and the header itself, padded to 8 bytes. */
  readonly header: Uint8Array;
  /** In the order of their bytes, with the first byte of each in the file. */
  readonly tensors: readonly { readonly tensor: Tensor; readonly offset: number }[];
  /** Of the whole file. */
  readonly bytes: number;
}

const ALIGNMENT = 8;

/** Wider elements first, as the safetensors library orders them: then each tensor begins at a multiple of its element size. */
function byWidth(a: StoredShape, b: StoredShape): number {
  return (DTYPE_BITS[b.dtype] ?? 0) - (DTYPE_BITS[a.dtype] ?? 0);
}

function headerBytes(entries: readonly string[]): Uint8Array {
  // Joined as text: an object would reorder names that look like integers.
  const text = Buffer.from(`{${['"__metadata__":{"format":"pt"}', ...entries].join(',')}}`);
  const length = Math.ceil(text.length / ALIGNMENT) * ALIGNMENT;
  const bytes = Buffer.alloc(ALIGNMENT + length, ' ');
  bytes.writeBigUInt64LE(BigInt(length));
  text.copy(bytes, ALIGNMENT);
  return bytes;
}

function shardOf<Tensor extends StoredShape>(file: string, tensors: readonly Tensor[]): Shard<Tensor> {
  const entries: string[] = [];
  const places: { tensor: Tensor; start: number }[] = [];
  let end = 0;
  for (const tensor of tensors.toSorted(byWidth)) {
    const { name, dtype, shape, bytes } = tensor;
    places.push({ tensor, start: end });
    entries.push(
      `${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [end, end + bytes] })}`,
    );
    end += bytes;
  }
  const header = headerBytes(entries);
  return {
    file,
    header,
    tensors: places.map(({ tensor, start }) => ({ tensor, offset: header.length + start })),
    bytes: header.length + end,
  };
}

/** Neighbours together until the next one would exceed the size; a tensor that is larger by itself has a shard of its own. */
function grouped<Tensor extends StoredShape>(tensors: readonly Tensor[], shardBytes: number): Tensor[][] {
  const groups: Tensor[][] = [];
  let room = 0;
  for (const tensor of tensors) {
    const last = groups.at(-1);
    if (last === undefined || tensor.bytes > room) {
      groups.push([tensor]);
      room = shardBytes;
    } else {
      last.push(tensor);
    }
    room -= tensor.bytes;
  }
  return groups;
}

const numbered = (i: number): string => String(i).padStart(5, '0');

/** Files of a checkpoint as transformers names them: model.safetensors, or model-0000i-of-0000n.safetensors where there are several. */
export function planShards<Tensor extends StoredShape>(
  tensors: readonly Tensor[],
  shardBytes: number,
): Shard<Tensor>[] {
  const groups = grouped(tensors, shardBytes);
  if (groups.length === 1) return groups.map((group) => shardOf('model.safetensors', group));
  return groups.map((group, i) =>
    shardOf(`model-${numbered(i + 1)}-of-${numbered(groups.length)}.safetensors`, group),
  );
}

/** Text of model.safetensors.index.json. */
export function shardIndex(shards: readonly Shard[]): string {
  const all = shards.flatMap(({ file, tensors }) => tensors.map(({ tensor }) => ({ file, tensor })));
  const index = {
    metadata: { total_size: all.reduce((sum, { tensor }) => sum + tensor.bytes, 0) },
    weight_map: Object.fromEntries(all.map(({ file, tensor }) => [tensor.name, file])),
  };
  return `${JSON.stringify(index, null, 2)}\n`;
}
