/**
 * The program that holds a pod's namespaces, as a static ELF executable written byte by byte: no compiler is needed
 * on any machine, and it starts in the time of one exec.
 *
 * As process 1 of its namespace it would never see a signal it has no handler for, so it blocks SIGINT, SIGTERM and
 * SIGCHLD and takes them with rt_sigtimedwait(2): the first two end it with 0, the third has it reap every zombie
 * that a shared process namespace hands to process 1.
 */
export type PauseArchitecture = 'x86_64' | 'aarch64';

const SIGINT = 2;
const SIGTERM = 15;
const SIGCHLD = 17;
const SIGNAL_SET_BYTES = 8;

/** A piece of code whose bytes depend on where a label lies. `offset` is the label's distance from the piece's begin. */
interface Piece {
  readonly size: number;
  readonly target?: string;
  readonly label?: string;
  encode(offset: number): readonly number[];
}

export function pauseProgram(architecture: PauseArchitecture): Uint8Array {
  const code = assemble(architecture === 'x86_64' ? x86Code() : armCode());
  return executable(architecture === 'x86_64' ? 62 : 183, code);
}

function assemble(pieces: readonly Piece[]): readonly number[] {
  const labels = new Map<string, number>();
  let address = 0;
  for (const piece of pieces) {
    if (piece.label !== undefined) labels.set(piece.label, address);
    address += piece.size;
  }
  const code: number[] = [];
  for (const piece of pieces) {
    const target = piece.target === undefined ? code.length : labels.get(piece.target);
    if (target === undefined) throw new Error(`no label ${piece.target} in the pause program`);
    code.push(...piece.encode(target - code.length));
  }
  return code;
}

const label = (name: string): Piece => ({ size: 0, label: name, encode: () => [] });
const bytes = (...values: readonly number[]): Piece => ({ size: values.length, encode: () => values });
const littleEndian = (value: number): readonly number[] => [0, 8, 16, 24].map((shift) => (value >> shift) & 0xff);

/** The signals waited for, as sigset_t. */
function signalSet(): Piece {
  const bit = (signal: number): number => 1 << (signal - 1);
  return bytes(...littleEndian(bit(SIGINT) | bit(SIGTERM) | bit(SIGCHLD)), 0, 0, 0, 0);
}

/** System calls: rt_sigprocmask 14, rt_sigtimedwait 128, wait4 61, exit_group 231. */
function x86Code(): readonly Piece[] {
  const number = (call: number): Piece => bytes(0xb8, ...littleEndian(call)); // mov eax, call
  const syscall = bytes(0x0f, 0x05);
  const addressOf = (register: number, target: string): Piece => ({
    size: 7, // lea register, [rip + target]; rip is the next instruction's address
    target,
    encode: (offset) => [0x48, 0x8d, register, ...littleEndian(offset - 7)],
  });
  const jump = (opcode: number, target: string): Piece => ({
    size: 2,
    target,
    encode: (offset) => [opcode, (offset - 2) & 0xff],
  });
  const [rdi, rsi] = [0x3d, 0x35];
  const [equal, notEqual, greater, always] = [0x74, 0x75, 0x7f, 0xeb];
  const compare = (signal: number): Piece => bytes(0x83, 0xf8, signal); // cmp eax, signal
  const setSize = bytes(0x41, 0xba, SIGNAL_SET_BYTES, 0, 0, 0); // mov r10d, 8
  return [
    ...[number(14), bytes(0x31, 0xff), addressOf(rsi, 'signals'), bytes(0x31, 0xd2), setSize, syscall],
    label('wait'),
    ...[number(128), addressOf(rdi, 'signals'), bytes(0x31, 0xf6), bytes(0x31, 0xd2), setSize, syscall],
    ...[compare(SIGCHLD), jump(equal, 'reap'), compare(SIGTERM), jump(equal, 'exit')],
    ...[compare(SIGINT), jump(notEqual, 'wait')],
    label('exit'),
    ...[number(231), bytes(0x31, 0xff), syscall],
    label('reap'),
    // wait4(-1, NULL, WNOHANG, NULL)
    ...[number(61), bytes(0x48, 0xc7, 0xc7, 0xff, 0xff, 0xff, 0xff), bytes(0x31, 0xf6), bytes(0xba, 1, 0, 0, 0)],
    ...[bytes(0x45, 0x31, 0xd2), syscall, bytes(0x85, 0xc0), jump(greater, 'reap'), jump(always, 'wait')],
    label('signals'),
    signalSet(),
  ];
}

/** System calls: rt_sigprocmask 135, rt_sigtimedwait 137, wait4 260, exit_group 94. */
function armCode(): readonly Piece[] {
  const word = (value: number): Piece => bytes(...littleEndian(value));
  const move = (register: number, value: number): Piece => word(0xd2800000 | (value << 5) | register); // movz
  const number = (call: number): Piece => move(8, call);
  const syscall = word(0xd4000001); // svc #0
  const compare = (value: number): Piece => word(0xf100001f | (value << 10)); // cmp x0, #value
  const addressOf = (register: number, target: string): Piece => ({
    size: 4, // adr register, target
    target,
    encode: (offset) => littleEndian(0x10000000 | ((offset & 3) << 29) | ((offset >> 2) << 5) | register),
  });
  const branch = (condition: number, target: string): Piece => ({
    size: 4, // b.condition target
    target,
    encode: (offset) => littleEndian(0x54000000 | (((offset >> 2) & 0x7ffff) << 5) | condition),
  });
  const [equal, notEqual, greater, always] = [0, 1, 12, 14];
  return [
    ...[number(135), move(0, 0), addressOf(1, 'signals'), move(2, 0), move(3, SIGNAL_SET_BYTES), syscall],
    label('wait'),
    ...[number(137), addressOf(0, 'signals'), move(1, 0), move(2, 0), move(3, SIGNAL_SET_BYTES), syscall],
    ...[compare(SIGCHLD), branch(equal, 'reap'), compare(SIGTERM), branch(equal, 'exit')],
    ...[compare(SIGINT), branch(notEqual, 'wait')],
    label('exit'),
    ...[number(94), move(0, 0), syscall],
    label('reap'),
    // wait4(-1, NULL, WNOHANG, NULL); movn x0, #0 is -1
    ...[number(260), word(0x92800000), move(1, 0), move(2, 1), move(3, 0), syscall],
    ...[compare(0), branch(greater, 'reap'), branch(always, 'wait')],
    label('signals'),
    signalSet(),
  ];
}

/** An ELF64 file (System V ABI, chapter 4) of one read-and-execute segment; pages of 64 KiB exist on aarch64. */
function executable(machine: number, code: readonly number[]): Uint8Array {
  const [headerBytes, segmentBytes, segments] = [64, 56, 2];
  const begin = headerBytes + segments * segmentBytes;
  const size = begin + code.length;
  const base = 0x400000;
  const file = new DataView(new ArrayBuffer(size));
  const long = (at: number, value: number): void => file.setBigUint64(at, BigInt(value), true);
  const ident = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1];
  ident.forEach((value, at) => file.setUint8(at, value));
  file.setUint16(16, 2, true); // ET_EXEC
  file.setUint16(18, machine, true);
  file.setUint32(20, 1, true);
  long(24, base + begin); // entry
  long(32, headerBytes); // program headers
  file.setUint16(52, headerBytes, true);
  file.setUint16(54, segmentBytes, true);
  file.setUint16(56, segments, true);
  file.setUint32(headerBytes, 1, true); // PT_LOAD
  file.setUint32(headerBytes + 4, 5, true); // readable, executable
  long(headerBytes + 16, base);
  long(headerBytes + 24, base);
  long(headerBytes + 32, size);
  long(headerBytes + 40, size);
  long(headerBytes + 48, 0x10000);
  file.setUint32(headerBytes + segmentBytes, 0x6474e551, true); // PT_GNU_STACK
  file.setUint32(headerBytes + segmentBytes + 4, 6, true); // readable, writable, not executable
  code.forEach((value, at) => file.setUint8(begin + at, value));
  return new Uint8Array(file.buffer);
}
