import { quoteName } from '../quoteName.ts';
import { globalRole } from './globalRole.ts';
import type { PickleBytes } from './PickleBytes.ts';
import { damaged, PickleFault, refused } from './PickleFault.ts';
import { OPCODES } from './pickleOpcodes.ts';
import type { PickleValue, StorageRef } from './pickleValues.ts';
import { PickleDict, PickleGlobal, PickleInert, PickleList, TensorRef } from './pickleValues.ts';

/** Far above what models need, and low enough that a hostile pickle ends before the memory does. */
const PICKLE_CAPS = {
  values: 16_000_000,
  containers: 3_000_000,
  copies: 2_000_000,
  stack: 1_000_000,
  marks: 10_000,
  memo: 4_000_000,
  tensors: 250_000,
  storages: 250_000,
} as const;

type Counted = keyof typeof PICKLE_CAPS;

const PYTHON_2_MODULES: ReadonlyMap<string, string> = new Map([
  ['__builtin__', 'builtins'],
  ['copy_reg', 'copyreg'],
]);

/**
 * Reads one pickle without building or calling anything that it names: dictionaries, lists, tuples, text, numbers, and
 * descriptions of tensors. Opcodes and names come from closed lists; everything else is refused. Throws PickleFault.
 */
export class PickleMachine {
  readonly bytes: PickleBytes;
  /** Every storage that the pickle refers to, in the order of first mention, also behind values that are passed over. */
  readonly storages = new Map<string, StorageRef>();
  readonly #memo = new Map<number, PickleValue>();
  readonly #stack: PickleValue[] = [];
  readonly #marks: number[] = [];
  readonly #globals = new Map<string, PickleGlobal>();
  readonly #counts: Record<Counted, number> = {
    values: 0,
    containers: 0,
    copies: 0,
    stack: 0,
    marks: 0,
    memo: 0,
    tensors: 0,
    storages: 0,
  };

  constructor(bytes: PickleBytes) {
    this.bytes = bytes;
  }

  /** Runs to STOP and returns the one value that is left. */
  run(): PickleValue {
    for (;;) {
      const at = this.bytes.position;
      const code = this.bytes.byte();
      const opcode = OPCODES.get(code);
      try {
        if (at === 0 && opcode?.name !== 'PROTO')
          throw refused('it is no pickle of protocol 2 or later: it does not begin with its protocol');
        if (!opcode) throw damaged(`0x${code.toString(16).padStart(2, '0')} is no opcode`);
        if (opcode.name === 'STOP') return this.#result();
        if (!opcode.run) throw refused('a list of weights needs no such opcode');
        opcode.run(this);
      } catch (error) {
        if (!(error instanceof PickleFault)) throw error;
        const where = `(${opcode?.name ?? 'opcode'} at byte ${String(at)} of the pickle)`;
        throw new PickleFault(error.kind, `${error.message} ${where}`);
      }
    }
  }

  push(value: PickleValue): void {
    this.#count('values');
    if (this.#stack.length === PICKLE_CAPS.stack)
      throw refused(`more than ${String(PICKLE_CAPS.stack)} values wait on the stack`);
    this.#stack.push(value);
  }

  pushList(kind: PickleList['kind'], items: PickleValue[]): void {
    this.#count('containers');
    this.push(new PickleList(kind, items));
  }

  pushDict(): PickleDict {
    this.#count('containers');
    const dict = new PickleDict();
    this.push(dict);
    return dict;
  }

  pop(): PickleValue {
    const value = this.top();
    this.#stack.pop();
    return value;
  }

  /** The value on top; nothing below the last mark can be reached. */
  top(): PickleValue {
    const value = this.#stack.at(-1);
    if (value === undefined || this.#stack.length === (this.#marks.at(-1) ?? 0))
      throw damaged('takes a value that is not there');
    return value;
  }

  mark(): void {
    if (this.#marks.length === PICKLE_CAPS.marks)
      throw refused(`more than ${String(PICKLE_CAPS.marks)} marks are open`);
    this.#marks.push(this.#stack.length);
  }

  /** Whether nothing lies above the last mark. */
  get atMark(): boolean {
    return this.#marks.at(-1) === this.#stack.length;
  }

  /** Everything above the last mark, and the mark is gone. */
  popMark(): PickleValue[] {
    const from = this.#marks.pop();
    if (from === undefined) throw damaged('goes back to a mark that is not there');
    return this.#stack.splice(from);
  }

  put(index: number): void {
    const value = this.top();
    if (!this.#memo.has(index)) this.#count('memo');
    this.#memo.set(index, value);
  }

  get memoSize(): number {
    return this.#memo.size;
  }

  get(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) throw damaged(`takes entry ${String(index)} of the memo, which is not there`);
    this.push(value);
  }

  global(module: string, name: string): void {
    const full = `${PYTHON_2_MODULES.get(module) ?? module}.${name}`;
    let found = this.#globals.get(full);
    if (!found) {
      const role = globalRole(full);
      if (!role) throw refused(`would use ${quoteName(full).slice(1, -1)}`);
      found = new PickleGlobal(full, role);
      this.#globals.set(full, found);
    }
    this.push(found);
  }

  /** A tensor, parameter or wrapper comes out of a call; they are counted because a few bytes ask for one. */
  pushTensor(value: PickleValue): void {
    if (value instanceof TensorRef) this.#count('tensors');
    this.push(value);
  }

  pushInert(name: string, isArray: boolean): void {
    this.push(new PickleInert(name, isArray));
  }

  /** Counts values that a call copies, so that no short loop of calls can copy a long list. */
  copied(values: number): void {
    this.#count('copies', values);
  }

  addStorage(storage: StorageRef): void {
    const known = this.storages.get(storage.key);
    if (!known) {
      this.#count('storages');
      this.storages.set(storage.key, storage);
    }
    this.push(storage);
  }

  #count(what: Counted, by = 1): void {
    this.#counts[what] += by;
    if (this.#counts[what] > PICKLE_CAPS[what])
      throw refused(`has more than ${String(PICKLE_CAPS[what])} ${what}`);
  }

  #result(): PickleValue {
    const value = this.#stack[0];
    if (value === undefined || this.#stack.length !== 1 || this.#marks.length > 0)
      throw damaged(`leaves ${String(this.#stack.length)} values instead of one`);
    return value;
  }
}
