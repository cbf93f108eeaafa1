// The kernel of the vector database: what a segment of rows can do, over a memory that the host has laid
// out (src/kernel/layout.ts). Its twin in TypeScript is src/kernel/twin; the tests compare results and
// memory. `npm run kernels` compiles this file twice: for memories of one thread and for shared ones.

export { attach } from './header';
export { encode, prepareQuery } from './encode';
export { scan, scanFiltered, useSift } from './scan';
export { scanBinary } from './binary';
export { walk } from './walk';
export { electEntry, insert, repair } from './graph';
export { giveLinks, takeLinks } from './links';
