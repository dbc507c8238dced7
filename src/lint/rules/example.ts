/** Frames around the few lines that an example is about. */

function indented(text: string, columns: number): string {
  return text
    .trim()
    .split('\n')
    .map((line) => (line === '' ? line : `${' '.repeat(columns)}${line}\n`))
    .join('');
}

export interface PodParts {
  /** Lines of the container, besides name and image. */
  readonly container?: string;
  readonly image?: string;
  /** Lines of the pod's spec, besides the containers. */
  readonly spec?: string;
  /** Lines of the pod's or its template's metadata, besides name and labels. */
  readonly metadata?: string;
}

function podSpec(
  { container = '', image = 'registry.example.com/web:1.4.2', spec = '' }: PodParts,
  columns: number,
): string {
  const lines = `containers:\n  - name: web\n    image: ${image}\n${indented(container, 4)}`;
  return indented(spec === '' ? lines : `${spec.trim()}\n${lines}`, columns);
}

export function podExample(parts: PodParts): string {
  const metadata = `name: web\n${parts.metadata?.trim() ?? ''}`;
  return `apiVersion: v1\nkind: Pod\nmetadata:\n${indented(metadata, 2)}spec:\n${podSpec(parts, 2)}`;
}

export interface DeploymentParts extends PodParts {
  /** Lines of the deployment's spec, besides selector and template. */
  readonly deployment?: string;
  readonly own?: string;
  readonly kind?: 'Deployment' | 'StatefulSet' | 'DaemonSet';
}

export function deploymentExample(parts: DeploymentParts = {}): string {
  const { deployment = '', kind = 'Deployment', own = '' } = parts;
  const metadata = `labels:\n  app: web\n${parts.metadata?.trim() ?? ''}`;
  return [
    `apiVersion: apps/v1\nkind: ${kind}\nmetadata:\n${indented(`name: web\n${own.trim()}`, 2)}spec:\n`,
    deployment === '' ? '' : indented(deployment, 2),
    '  selector:\n    matchLabels:\n      app: web\n  template:\n    metadata:\n',
    indented(metadata, 6),
    `    spec:\n${podSpec(parts, 6)}`,
  ].join('');
}

/** Several manifests in one file. */
export function documents(...texts: readonly string[]): string {
  return texts.map((text) => `${text.trim()}\n`).join('---\n');
}

export const serviceExample = `
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: web
  ports:
    - port: 80
      targetPort: 8080
`;
