/** An element type of PyTorch. */
export interface TorchDtype {
  /** As safetensors calls it, where safetensors knows it. */
  readonly name: string;
  readonly bytes: number;
}

const dtype = (name: string, bytes: number): TorchDtype => ({ name, bytes });

/** Element types by their names in PyTorch, e.g. "float32". */
export const TORCH_DTYPES: Readonly<Record<string, TorchDtype>> = {
  float64: dtype('F64', 8),
  float32: dtype('F32', 4),
  float16: dtype('F16', 2),
  bfloat16: dtype('BF16', 2),
  float8_e4m3fn: dtype('F8_E4M3', 1),
  float8_e5m2: dtype('F8_E5M2', 1),
  float8_e4m3fnuz: dtype('F8_E4M3FNUZ', 1),
  float8_e5m2fnuz: dtype('F8_E5M2FNUZ', 1),
  float8_e8m0fnu: dtype('F8_E8M0', 1),
  float4_e2m1fn_x2: dtype('F4_X2', 1),
  int64: dtype('I64', 8),
  int32: dtype('I32', 4),
  int16: dtype('I16', 2),
  int8: dtype('I8', 1),
  uint64: dtype('U64', 8),
  uint32: dtype('U32', 4),
  uint16: dtype('U16', 2),
  uint8: dtype('U8', 1),
  bool: dtype('BOOL', 1),
  complex32: dtype('C32', 4),
  complex64: dtype('C64', 8),
  complex128: dtype('C128', 16),
};

const storage = (name: string): TorchDtype => TORCH_DTYPES[name] ?? dtype(name, 1);

/** Element types by the storage classes of PyTorch, e.g. "FloatStorage". */
export const STORAGE_DTYPES: Readonly<Record<string, TorchDtype>> = {
  DoubleStorage: storage('float64'),
  FloatStorage: storage('float32'),
  HalfStorage: storage('float16'),
  BFloat16Storage: storage('bfloat16'),
  LongStorage: storage('int64'),
  IntStorage: storage('int32'),
  ShortStorage: storage('int16'),
  CharStorage: storage('int8'),
  ByteStorage: storage('uint8'),
  BoolStorage: storage('bool'),
  ComplexFloatStorage: storage('complex64'),
  ComplexDoubleStorage: storage('complex128'),
  QInt8Storage: dtype('QINT8', 1),
  QUInt8Storage: dtype('QUINT8', 1),
  QInt32Storage: dtype('QINT32', 4),
  QUInt4x2Storage: dtype('QUINT4X2', 1),
  QUInt2x4Storage: dtype('QUINT2X4', 1),
  UntypedStorage: storage('uint8'),
};
