/** Builds the images of the examples and tests that are missing: `node scripts/run.mjs scripts/images.ts [--force] [TAG...]`. */
import { EngineError } from '../src/runtime/engine/container-engine.ts';
import { dockerSocketPath } from '../src/runtime/engine/docker/docker-address.ts';
import { DockerEngine } from '../src/runtime/engine/docker/docker-engine.ts';
import { systemClock } from '../src/shared/clock.ts';
import { buildImages, recipes } from './images-recipes.ts';

const root = process.cwd();
const args = process.argv.slice(2);
const known = recipes(root).map(({ tag }) => tag);
const tags = args.filter((arg) => arg !== '--force');
const unknown = tags.filter((tag) => !known.includes(tag));

try {
  if (unknown.length > 0) throw new Error(`no recipe for ${unknown.join(', ')}; there are ${known.join(', ')}`);
  await using engine = new DockerEngine({ socketPath: dockerSocketPath(process.env), clock: systemClock });
  const options = { root, force: args.includes('--force'), say: (line: string) => console.log(line) };
  await buildImages(engine, tags.length > 0 ? tags : known, options, new AbortController().signal);
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  console.error(error instanceof EngineError ? message : `the images could not be built: ${message}`);
  process.exitCode = 1;
}
