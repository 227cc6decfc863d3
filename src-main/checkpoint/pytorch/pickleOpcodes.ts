import { quoteName } from '../quoteName.ts';
import * as pickleCalls from './pickleCalls.ts';
import { damaged, refused } from './PickleFault.ts';
import type { PickleMachine } from './PickleMachine.ts';
import { PickleDict, PickleInert, PickleList } from './pickleValues.ts';
import type { PickleValue } from './pickleValues.ts';

export interface Opcode {
  readonly name: string;
  /** Absent for opcodes that exist and are refused. */
  readonly run?: (machine: PickleMachine) => void;
}

const LONGEST_TEXT = 16 * 2 ** 20;
const LONGEST_INTEGER = 255;
const NEWEST_PROTOCOL = 5;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const u8 = ({ bytes }: PickleMachine): number => bytes.byte();
const u32 = ({ bytes }: PickleMachine): number => bytes.take(4).readUInt32LE(0);
const u64 = ({ bytes }: PickleMachine): number => Number(bytes.take(8).readBigUInt64LE(0));

function payload({ bytes }: PickleMachine, length: number): Buffer {
  if (length < 0) throw damaged(`has the length ${String(length)}`);
  if (length > LONGEST_TEXT)
    throw refused(
      `has a text or bytes of length ${String(length)}, at most ${String(LONGEST_TEXT)} are read`,
    );
  return bytes.take(length);
}

function text(machine: PickleMachine, length: number): void {
  const bytes = payload(machine, length);
  try {
    machine.push(utf8.decode(bytes));
  } catch (error) {
    if (error instanceof TypeError) throw damaged('holds a text that is not UTF-8');
    throw error;
  }
}

const bytes = (machine: PickleMachine, length: number): void =>
  machine.push(new Uint8Array(payload(machine, length)));

/** A string of Python 2: text where it is text. */
function oldString(machine: PickleMachine, length: number): void {
  const raw = new Uint8Array(payload(machine, length));
  try {
    machine.push(utf8.decode(raw));
  } catch {
    machine.push(raw);
  }
}

/** An integer in two's complement, the lowest byte first. */
function long(machine: PickleMachine, length: number): void {
  if (length < 0) throw damaged(`has the length ${String(length)}`);
  if (length > LONGEST_INTEGER) throw refused(`holds an integer of ${String(length)} bytes`);
  const digits = Buffer.from(machine.bytes.take(length)).reverse().toString('hex');
  const value = length === 0 ? 0n : BigInt.asIntN(8 * length, BigInt(`0x${digits}`));
  const number = Number(value);
  machine.push(Number.isSafeInteger(number) ? number : value);
}

function protocol(machine: PickleMachine): void {
  const version = u8(machine);
  if (version < 2 || version > NEWEST_PROTOCOL)
    throw refused(`is written in protocol ${String(version)}; 2 to 5 are read`);
}

function tuple(machine: PickleMachine, count: number): void {
  const items: PickleValue[] = [];
  for (let i = 0; i < count; i++) items.unshift(machine.pop());
  machine.pushList('tuple', items);
}

function append(machine: PickleMachine, items: readonly PickleValue[]): void {
  const list = machine.top();
  if (list instanceof PickleInert) return;
  if (!(list instanceof PickleList) || list.kind === 'tuple')
    throw damaged('appends to something that is not a list');
  for (const item of items) list.items.push(item);
}

function setItems(machine: PickleMachine, pairs: readonly PickleValue[]): void {
  const dict = machine.top();
  if (pairs.length % 2 !== 0) throw damaged('sets a key without a value');
  if (dict instanceof PickleInert) return;
  if (!(dict instanceof PickleDict)) throw damaged('sets a key of something that is not a dictionary');
  for (let i = 0; i < pairs.length; i += 2)
    pickleCalls.addEntry(dict, pairs[i] ?? null, pairs[i + 1] ?? null);
}

function setItem(machine: PickleMachine): void {
  const value = machine.pop();
  const key = machine.pop();
  setItems(machine, [key, value]);
}

function pop(machine: PickleMachine): void {
  if (machine.atMark) machine.popMark();
  else machine.pop();
}

function stackGlobal(machine: PickleMachine): void {
  const name = machine.pop();
  const module = machine.pop();
  if (typeof name !== 'string' || typeof module !== 'string')
    throw damaged('names a class by something that is not text');
  machine.global(module, name);
}

function refuseInstance(machine: PickleMachine): void {
  const module = machine.bytes.line();
  throw refused(`would build ${quoteName(`${module}.${machine.bytes.line()}`).slice(1, -1)}`);
}

type Row = readonly [code: number, name: string, run?: (machine: PickleMachine) => void];

const VALUES: readonly Row[] = [
  [0x4e, 'NONE', (m) => m.push(null)],
  [0x88, 'NEWTRUE', (m) => m.push(true)],
  [0x89, 'NEWFALSE', (m) => m.push(false)],
  [0x4a, 'BININT', (m) => m.push(m.bytes.take(4).readInt32LE(0))],
  [0x4b, 'BININT1', (m) => m.push(u8(m))],
  [0x4d, 'BININT2', (m) => m.push(m.bytes.take(2).readUInt16LE(0))],
  [0x8a, 'LONG1', (m) => long(m, u8(m))],
  [0x8b, 'LONG4', (m) => long(m, m.bytes.take(4).readInt32LE(0))],
  [0x47, 'BINFLOAT', (m) => m.push(m.bytes.take(8).readDoubleBE(0))],
  [0x54, 'BINSTRING', (m) => oldString(m, m.bytes.take(4).readInt32LE(0))],
  [0x55, 'SHORT_BINSTRING', (m) => oldString(m, u8(m))],
  [0x58, 'BINUNICODE', (m) => text(m, u32(m))],
  [0x8c, 'SHORT_BINUNICODE', (m) => text(m, u8(m))],
  [0x8d, 'BINUNICODE8', (m) => text(m, u64(m))],
  [0x42, 'BINBYTES', (m) => bytes(m, u32(m))],
  [0x43, 'SHORT_BINBYTES', (m) => bytes(m, u8(m))],
  [0x8e, 'BINBYTES8', (m) => bytes(m, u64(m))],
  [0x96, 'BYTEARRAY8', (m) => bytes(m, u64(m))],
];

const CONTAINERS: readonly Row[] = [
  [0x5d, 'EMPTY_LIST', (m) => m.pushList('list', [])],
  [0x61, 'APPEND', (m) => append(m, [m.pop()])],
  [0x65, 'APPENDS', (m) => append(m, m.popMark())],
  [0x29, 'EMPTY_TUPLE', (m) => m.pushList('tuple', [])],
  [0x74, 'TUPLE', (m) => m.pushList('tuple', m.popMark())],
  [0x85, 'TUPLE1', (m) => tuple(m, 1)],
  [0x86, 'TUPLE2', (m) => tuple(m, 2)],
  [0x87, 'TUPLE3', (m) => tuple(m, 3)],
  [0x7d, 'EMPTY_DICT', (m) => void m.pushDict()],
  [0x73, 'SETITEM', setItem],
  [0x75, 'SETITEMS', (m) => setItems(m, m.popMark())],
  [0x8f, 'EMPTY_SET', (m) => m.pushList('set', [])],
  [0x90, 'ADDITEMS', (m) => append(m, m.popMark())],
  [0x91, 'FROZENSET', (m) => m.pushList('set', m.popMark())],
];

const MACHINERY: readonly Row[] = [
  [0x80, 'PROTO', protocol],
  // A frame announces how many bytes to fetch at once; nothing depends on it.
  [0x95, 'FRAME', (m) => void m.bytes.take(8)],
  [0x2e, 'STOP'],
  [0x28, 'MARK', (m) => m.mark()],
  [0x30, 'POP', pop],
  [0x31, 'POP_MARK', (m) => void m.popMark()],
  [0x32, 'DUP', (m) => m.push(m.top())],
  [0x68, 'BINGET', (m) => m.get(u8(m))],
  [0x6a, 'LONG_BINGET', (m) => m.get(u32(m))],
  [0x71, 'BINPUT', (m) => m.put(u8(m))],
  [0x72, 'LONG_BINPUT', (m) => m.put(u32(m))],
  [0x94, 'MEMOIZE', (m) => m.put(m.memoSize)],
  [0x63, 'GLOBAL', (m) => m.global(m.bytes.line(), m.bytes.line())],
  [0x93, 'STACK_GLOBAL', stackGlobal],
  [0x52, 'REDUCE', pickleCalls.reduce],
  [0x81, 'NEWOBJ', pickleCalls.newObject],
  [0x62, 'BUILD', pickleCalls.build],
  [0x51, 'BINPERSID', pickleCalls.persistent],
];

const REFUSED: readonly Row[] = [
  [0x69, 'INST', refuseInstance],
  [0x6f, 'OBJ'],
  [0x92, 'NEWOBJ_EX'],
  [0x82, 'EXT1'],
  [0x83, 'EXT2'],
  [0x84, 'EXT4'],
  [0x50, 'PERSID'],
  [0x97, 'NEXT_BUFFER'],
  [0x98, 'READONLY_BUFFER'],
  // The text forms of protocol 0, which torch.save never wrote.
  [0x49, 'INT'],
  [0x4c, 'LONG'],
  [0x46, 'FLOAT'],
  [0x53, 'STRING'],
  [0x56, 'UNICODE'],
  [0x6c, 'LIST'],
  [0x64, 'DICT'],
  [0x67, 'GET'],
  [0x70, 'PUT'],
];

/** Every opcode of pickle by its byte. */
export const OPCODES: ReadonlyMap<number, Opcode> = new Map(
  [...VALUES, ...CONTAINERS, ...MACHINERY, ...REFUSED].map(([code, name, run]) => [
    code,
    { name, ...(run ? { run } : {}) },
  ]),
);
