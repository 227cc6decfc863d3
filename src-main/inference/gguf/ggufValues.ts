/** Values of metadata, by the types of the GGUF format. */
export type GgufValue =
  | { readonly type: 'u32' | 'f32'; readonly value: number }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'text'; readonly value: string }
  | { readonly type: 'texts'; readonly values: readonly string[] }
  | { readonly type: 'i32s' | 'f32s'; readonly values: readonly number[] }
  | { readonly type: 'bools'; readonly values: readonly boolean[] }
  | { readonly type: 'u8s'; readonly values: Uint8Array };

/** Keys and values in the order in which they are written. */
export type GgufEntries = readonly (readonly [key: string, value: GgufValue])[];

export const u32 = (value: number): GgufValue => ({ type: 'u32', value });
export const f32 = (value: number): GgufValue => ({ type: 'f32', value });
export const bool = (value: boolean): GgufValue => ({ type: 'bool', value });
export const text = (value: string): GgufValue => ({ type: 'text', value });
export const texts = (values: readonly string[]): GgufValue => ({ type: 'texts', values });
export const i32s = (values: readonly number[]): GgufValue => ({ type: 'i32s', values });
export const f32s = (values: readonly number[]): GgufValue => ({ type: 'f32s', values });
export const bools = (values: readonly boolean[]): GgufValue => ({ type: 'bools', values });
export const u8s = (values: Uint8Array): GgufValue => ({ type: 'u8s', values });
