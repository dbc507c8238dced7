/** How an image is built from a Dockerfile: what a program asks for, and whoever has Docker does. */
import { isRecord } from './deep.ts';

export interface ImageBuild {
  /** Name and tag; the tag is the digest of everything that the image is made of. */
  readonly reference: string;
  /** Absolute path of the build context. */
  readonly context: string;
  /** Absolute path. */
  readonly dockerfile: string;
  readonly args: Readonly<Record<string, string>>;
  /** A stage of the Dockerfile; the last one without it. */
  readonly target: string | undefined;
  /** `linux/arm64`; that of the engine without it. */
  readonly platform: string | undefined;
}

function isTextOrNothing(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}

export function isImageBuild(value: unknown): value is ImageBuild {
  return (
    isRecord(value) &&
    ['reference', 'context', 'dockerfile'].every((field) => typeof value[field] === 'string') &&
    isRecord(value['args']) &&
    Object.values(value['args']).every((arg) => typeof arg === 'string') &&
    isTextOrNothing(value['target']) &&
    isTextOrNothing(value['platform'])
  );
}
