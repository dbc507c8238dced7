/** Files as other people leave them: lists, streams of JSON, what is no object, and the programs of the user. */
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fromHelm, fromKustomize, fromYaml } from '../../src/composition/material.ts';
import { compile } from '../../src/index.ts';
import { writeFiles } from '../support/built-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = temporaryDirectory();
  writeFiles(folder, files);
  return folder;
}

describe('files of manifests', () => {
  it('are read as kubectl reads them', async () => {
    const folder = folderOf({
      'a.yaml':
        '\ufeffapiVersion: v1\r\nkind: Secret\r\nmetadata: { name: a }\r\nstringData: { b: "c\\u00e9" }\r\n---\r\n',
      'b.json':
        '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"b"}}\n{"apiVersion":"v1","kind":"Pod","metadata":{"name":"c"}}',
      'c.yml':
        'apiVersion: apps/v1\nkind: DeploymentList\nitems:\n- { metadata: { name: d } }\n- { kind: Other, metadata: { name: e } }\n',
      'd.txt': 'not: read\n',
    });
    expect(await fromYaml(folder)).toEqual([
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' }, stringData: { b: 'cé' } },
      { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'b' } },
      { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'c' } },
      { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' } },
      { apiVersion: 'apps/v1', kind: 'Other', metadata: { name: 'e' } },
    ]);
  });

  it('are refused where they are something else, with what to do', async () => {
    const folder = folderOf({
      'kustomization.yaml': '# ours\napiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: []\n',
    });
    await expect(fromYaml(folder)).rejects.toThrow(
      /kustomization\.yaml:2: this is for kustomize, no object of the API: read its folder by fromKustomize/,
    );
    await expect(fromYaml('https://example.com/a.yaml')).rejects.toThrow(
      'fromYaml reads files, and https://example.com/a.yaml is an address: keep a copy beside the program',
    );
  });

  it('may say a namespace where there is none, as servers do; builders may not', async () => {
    const folder = folderOf({
      'role.yaml':
        'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: { name: a, namespace: b }\nrules: []\n',
      'app.ts': [
        "import { fromYaml, labelled, namespace, raw } from 'kubewright';",
        "const read = await fromYaml('./role.yaml');",
        "const whole = raw({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'c', namespace: 'd' } });",
        "const built = namespace({ metadata: { name: 'e', namespace: 'f' } as never });",
        "export default [labelled({ a: 'b' }, [read, whole]), built];",
      ].join('\n'),
    });
    const { problems } = await compile(join(folder, 'app.ts'));
    expect(problems.map(({ severity, object, message }) => [severity, object, message])).toEqual([
      ['warning', 'ClusterRole b/a', 'a ClusterRole is in no namespace; servers leave this out'],
      ['warning', 'Namespace d/c', 'a Namespace is in no namespace; servers leave this out'],
      ['error', 'Namespace f/e', 'Forbidden: not allowed on this type'],
    ]);
  });
});

describe('programs of the user', () => {
  it('get the words that the program adds, in its folder, and addresses as they are', async () => {
    const said =
      '#!/bin/sh\nprintf \'apiVersion: v1\\nkind: ConfigMap\\nmetadata: { name: a }\\ndata: { said: "%s %s" }\\n\' "$*" "$(pwd)"\n';
    const folder = folderOf({ kubectl: said, helm: said });
    const [kubectl, helm] = [join(folder, 'kubectl'), join(folder, 'helm')];
    chmodSync(kubectl, 0o755);
    chmodSync(helm, 0o755);
    const address = 'https://example.com/apps//web?ref=v1';
    const [made] = await fromKustomize(address, { kubectl, args: ['--enable-helm'] });
    expect(made).toMatchObject({ data: { said: `kustomize ${address} --enable-helm ${process.cwd()}` } });
    const [templated] = await fromHelm('web', { helm, repo: 'https://example.com', args: ['--skip-tests'] });
    expect(templated).toMatchObject({
      data: {
        said: `template web web --include-crds --values - --repo https://example.com --skip-tests ${process.cwd()}`,
      },
    });
  });
});
