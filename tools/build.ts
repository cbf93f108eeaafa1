// Builds packages for programs outside of this tree: `npm run build -- vector` writes build/vector.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { artefacts } from './src/build/artefacts.ts';
import { buildArtefact } from './src/build/build-artefact.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const names = process.argv.slice(2);
const wanted = artefacts.filter(({ name }) => names.includes(name));

if (names.length === 0 || wanted.length < new Set(names).size) {
  console.error(`usage: npm run build -- ${artefacts.map(({ name }) => name).join('|')}`);
  process.exitCode = 2;
} else {
  for (const artefact of wanted) {
    const folder = join('build', artefact.name);
    const { files, bytes, packedBytes } = await buildArtefact(root, artefact, join(root, folder));
    for (const file of files.filter(({ path }) => !path.startsWith('types/'))) {
      console.log(`${String(file.bytes).padStart(8)}  ${file.path}`);
    }
    console.log(`${folder}: ${files.length} files, ${bytes} bytes, about ${packedBytes} packed`);
    console.log(`npm install ./${folder} puts it into a project; npm pack ./${folder} packs it`);
  }
}
