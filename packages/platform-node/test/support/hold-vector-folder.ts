// Opens the folder of a vector database to be written, says so, and holds it until it is killed.
import { openVectorFolder } from '@lucerna/platform-node/vector-folder';

await openVectorFolder(process.argv[2] as string);
process.stdout.write('open\n');
process.stdin.resume();
