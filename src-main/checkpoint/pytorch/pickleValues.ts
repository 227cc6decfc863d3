import type { TorchDtype } from './torchDtypes.ts';

/** What a pickle can leave on its stack. Nothing of it was called or built by its own class. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleList
  | PickleDict
  | PickleGlobal
  | PickleInert
  | StorageRef
  | TensorRef;

export class PickleList {
  readonly kind: 'list' | 'tuple' | 'set';
  readonly items: PickleValue[];

  constructor(kind: 'list' | 'tuple' | 'set', items: PickleValue[]) {
    this.kind = kind;
    this.items = items;
  }
}

const NO_ENTRIES: ReadonlyMap<PickleValue, PickleValue> = new Map();

export class PickleDict {
  // Made with its first entry: an empty map takes many times the one byte that asks for it.
  #entries: Map<PickleValue, PickleValue> | null = null;

  get entries(): ReadonlyMap<PickleValue, PickleValue> {
    return this.#entries ?? NO_ENTRIES;
  }

  /** Whether the key was new. */
  add(key: PickleValue, value: PickleValue): boolean {
    this.#entries ??= new Map();
    if (this.#entries.has(key)) return false;
    this.#entries.set(key, value);
    return true;
  }
}

/** What a name in a pickle stands for. */
export type GlobalRole =
  | { readonly kind: 'storage'; readonly dtype: TorchDtype }
  | { readonly kind: 'dtype'; readonly dtype: TorchDtype }
  | { readonly kind: 'rebuild' | 'dict' | 'sequence' | 'inert' | 'array' | 'name' };

/** A class or function, by name only. */
export class PickleGlobal {
  readonly name: string;
  readonly role: GlobalRole;

  constructor(name: string, role: GlobalRole) {
    this.name = name;
    this.role = role;
  }
}

/** Something that is passed over: it was not built, only its name is known. */
export class PickleInert {
  readonly name: string;
  /** Whether it holds numbers that could be weights. */
  readonly isArray: boolean;

  constructor(name: string, isArray: boolean) {
    this.name = name;
    this.isArray = isArray;
  }
}

/** Bytes beside the pickle, as it refers to them. */
export class StorageRef {
  readonly key: string;
  readonly dtype: TorchDtype;
  /** Elements of the whole storage. */
  readonly elements: number;
  /** The part of it that is meant, in elements. */
  readonly view: { readonly start: number; readonly elements: number };

  constructor(key: string, dtype: TorchDtype, elements: number, view?: StorageRef['view']) {
    this.key = key;
    this.dtype = dtype;
    this.elements = elements;
    this.view = view ?? { start: 0, elements };
  }
}

/** A tensor as the pickle describes it; nothing is checked against its storage yet. */
export class TensorRef {
  readonly storage: StorageRef;
  readonly dtype: TorchDtype;
  /** First element in the storage. */
  readonly start: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  /** Why its elements are not what its bytes say. */
  readonly opaque: string | undefined;

  constructor(fields: Omit<TensorRef, 'opaque'> & { readonly opaque?: string | undefined }) {
    this.storage = fields.storage;
    this.dtype = fields.dtype;
    this.start = fields.start;
    this.shape = fields.shape;
    this.strides = fields.strides;
    this.opaque = fields.opaque;
  }
}
