import { chmodSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compile, deployment, image } from '../../src/index.ts';
import { writeFiles } from '../support/built-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const dockerfile = 'FROM scratch\nCOPY . /\n';

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = join(temporaryDirectory(), 'web');
  writeFiles(folder, files);
  return folder;
}

const tagOf = (reference: string): string => reference.slice(reference.lastIndexOf(':') + 1);

describe('image.build', () => {
  it('names an image by the digest of its files', () => {
    const files = { Dockerfile: dockerfile, 'a.txt': 'a', 'b/c.txt': 'c' };
    const reference = image.build(folderOf(files));
    expect(reference).toMatch(/^kubewright\.local\/web:[0-9a-f]{16}$/);
    expect(image.build(folderOf(files))).toBe(reference);
    expect(image.build(folderOf(files), { name: 'ghcr.io/you/web' })).toBe(`ghcr.io/you/web:${tagOf(reference)}`);
    const others = [
      image.build(folderOf({ ...files, 'a.txt': 'b' })),
      image.build(folderOf({ ...files, d: '' })),
      image.build(folderOf({ Dockerfile: dockerfile, 'a.txt': 'a', 'b/d.txt': 'c' })),
      image.build(folderOf({ ...files, Dockerfile: `${dockerfile}USER 1\n` })),
      image.build(folderOf(files), { args: { A: '1' } }),
      image.build(folderOf(files), { target: 'x' }),
      image.build(folderOf(files), { platform: 'linux/arm64' }),
    ];
    expect(new Set([reference, ...others]).size).toBe(others.length + 1);
  });

  it('looks at what ends up in the image, and at nothing else', () => {
    const folder = folderOf({ Dockerfile: dockerfile, run: '#!/bin/sh\n' });
    const before = image.build(folder);
    chmodSync(join(folder, 'run'), 0o666);
    utimesSync(join(folder, 'run'), new Date(0), new Date(0));
    expect(image.build(folder)).toBe(before);
    chmodSync(join(folder, 'run'), 0o755);
    expect(image.build(folder)).not.toBe(before);
    chmodSync(join(folder, 'run'), 0o644);
    mkdirSync(join(folder, 'empty'));
    expect(image.build(folder)).not.toBe(before);
    symlinkSync('nowhere', join(folder, 'empty', 'link'));
    expect(image.build(folder)).not.toBe(before);
  });

  it('honours .dockerignore, and that of the Dockerfile itself', () => {
    const folder = folderOf({ Dockerfile: dockerfile, '.dockerignore': '*\n!app\n', 'app/a': 'a' });
    const before = image.build(folder);
    writeFiles(folder, { 'node_modules/x': 'x', 'secret.txt': 's' });
    expect(image.build(folder)).toBe(before);
    writeFiles(folder, { Dockerfile: `${dockerfile}USER 1\n` });
    const other = image.build(folder);
    expect(other).not.toBe(before);
    writeFiles(folder, { 'Dockerfile.dockerignore': 'secret.txt\n' });
    expect(image.build(folder)).not.toBe(other);
  });

  it('says what is wrong', () => {
    const folder = folderOf({ Dockerfile: dockerfile });
    expect(() => image.build(join(folder, 'none'))).toThrow(`there is no folder ${folder}/none`);
    expect(() => image.build(folder, { dockerfile: 'Other' })).toThrow(`there is no file ${folder}/Other`);
    expect(() => image.build(folder, { name: 'Web:1' })).toThrow('"Web:1" is no name of an image');
    expect(() => image.build(join(folder, 'Dockerfile'))).toThrow('there is no folder');
  });

  it('takes a Dockerfile from anywhere', () => {
    const folder = folderOf({ 'docker/Prod': dockerfile, a: 'a' });
    const inside = image.build(folder, { dockerfile: 'docker/Prod' });
    writeFileSync(join(folder, '../Outside'), dockerfile);
    const outside = image.build(folder, { dockerfile: '../Outside' });
    expect(outside).toBe(inside);
    expect(
      deployment({
        metadata: { name: 'a' },
        spec: { template: { spec: { containers: [{ name: 'a', image: inside }] } } },
      }).spec?.template.spec?.containers[0]?.image,
    ).toBe(inside);
  });

  it('is handed to whoever runs the program, with its place', async () => {
    const folder = temporaryDirectory();
    writeFiles(folder, {
      'web/Dockerfile': dockerfile,
      'app.ts': [
        "import { configMap, image, worker } from 'kubewright';",
        "const web = (name: string) => image.build('./web', { name });",
        "const used = web('one');",
        "web('unused');",
        "export default [worker({ name: 'a', image: used }), configMap({ metadata: { name: 'b' }, data: { args: `--image=${used}` } }), configMap({ metadata: { name: 'c' } })];",
      ].join('\n'),
    });
    const { set, inputs, problems } = await compile(join(folder, 'app.ts'));
    expect(problems).toEqual([]);
    expect(inputs).toContain(join(folder, 'web/Dockerfile'));
    const images = set?.manifests.map(({ object, images }) => [object.metadata.name, images?.length]);
    expect(Object.fromEntries(images ?? [])).toEqual({ a: 1, b: 1, c: 0 });
    const [needed] = set?.manifests.flatMap((manifest) => manifest.images ?? []) ?? [];
    expect(needed?.build).toMatchObject({ context: join(folder, 'web'), args: {} });
    expect(needed?.build.reference).toMatch(/^one:/);
    expect(needed?.places.map(({ line }) => line)).toEqual([2, 3]);
  });
});
