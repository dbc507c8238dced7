/** Images from Dockerfiles: named by the digest of their files, built when they are run. */
import { basename, resolve } from 'node:path';
import { isRecord } from '../shared/deep.ts';
import type { ImageBuild } from '../shared/image-build.ts';
import { captureFrames } from '../types/builder/call-frames.ts';
import { contextDigest, readBuildContext } from './build-context.ts';
import { noteImage, noteRead, programPath } from './program-folder.ts';

/** `name:digest`; a text, so that it may stand wherever the name of an image does. */
export type BuiltImage = `${string}:${string}`;

export interface ImageOptions {
  /**
   * Name of the image without a tag. With that of a registry (`ghcr.io/you/web`) the image can be pushed there for other
   * clusters; without a name it is that of the folder, for this machine.
   */
  readonly name?: string;
  /** Path in the folder; `Dockerfile` without it. */
  readonly dockerfile?: string;
  /** Values of the Dockerfile's ARG instructions. */
  readonly args?: Readonly<Record<string, string>>;
  /** The stage to build; the last one without it. */
  readonly target?: string;
  /** `linux/arm64`; that of the machine's Docker without it. */
  readonly platform?: string;
}

/** Where no registry is: such a name is never looked for outside of the machine's own Docker. */
const localRegistry = 'kubewright.local';

const nameForm =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::\d+)?\/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/;

function nameFor(folder: string, name: string | undefined): string {
  if (name !== undefined) {
    if (!nameForm.test(name))
      throw new Error(
        `image.build: ${JSON.stringify(name)} is no name of an image; it is one such as ghcr.io/you/web, without a tag`,
      );
    return name;
  }
  const own = basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  return `${localRegistry}/${own === '' ? 'image' : own}`;
}

function textArgs(args: unknown): Readonly<Record<string, string>> {
  if (args === undefined) return {};
  if (!isRecord(args)) throw new Error('image.build: args is a record of texts');
  return Object.fromEntries(
    Object.entries(args).map(([key, value]) => {
      if (typeof value !== 'string') throw new Error(`image.build: the argument ${key} must be a text`);
      return [key, value] as const;
    }),
  );
}

function build(folder: string | URL, options: ImageOptions = {}): BuiltImage {
  const context = programPath(folder);
  const dockerfile = resolve(context, options.dockerfile ?? 'Dockerfile');
  const { target, platform } = options;
  const wanted = { context, dockerfile, args: textArgs(options.args), target, platform };
  const files = readBuildContext(wanted);
  noteRead(context);
  noteRead(dockerfile);
  if (files.ignoreFile !== undefined) noteRead(files.ignoreFile);
  for (const { source, kind } of files.entries) if (kind !== 'link') noteRead(source);
  const reference: BuiltImage = `${nameFor(context, options.name)}:${contextDigest(wanted, files)}`;
  const made: ImageBuild = { ...wanted, reference };
  noteImage(made, captureFrames(build));
  return reference;
}

/**
 * Images from Dockerfiles.
 *
 * `image.build('./web')` is the name of the image of a folder, with the digest of its files (as far as .dockerignore lets
 * them in), its Dockerfile and its arguments as the tag: it changes with them, and so do the pods. `kubewright up` builds it
 * through Docker where it is not there yet; everything else only needs the files.
 */
export const image = { build } as const;
