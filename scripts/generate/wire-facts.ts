/** Reads facts/wire-1.36.tsv. */
import { readFileSync } from 'node:fs';

export interface WireField {
  readonly name: string;
  readonly number: number;
  readonly via: readonly number[] | undefined;
  readonly type: string;
  readonly presence: string;
  readonly markers: ReadonlyMap<string, string>;
}
export interface WireType {
  readonly name: string;
  readonly markers: ReadonlyMap<string, string>;
  readonly fields: ReadonlyMap<string, WireField>;
}

function parseMarkers(text: string | undefined): ReadonlyMap<string, string> {
  const markers = new Map<string, string>();
  for (const part of (text ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at > 0) markers.set(part.slice(0, at), part.slice(at + 1));
  }
  return markers;
}

export function readWireFacts(file: string): ReadonlyMap<string, WireType> {
  const types = new Map<string, WireType>();
  let fields = new Map<string, WireField>();
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const cells = line.split('\t');
    const [name = '', number = '', via = '', type = '', presence = '', markers] = cells;
    if (name.startsWith('@')) {
      fields = new Map();
      types.set(name.slice(1), { name: name.slice(1), markers: parseMarkers(cells[1]), fields });
    } else {
      fields.set(name, {
        name,
        number: Number(number),
        via: via === '' ? undefined : via.split('.').map(Number),
        type,
        presence,
        markers: parseMarkers(markers),
      });
    }
  }
  return types;
}
