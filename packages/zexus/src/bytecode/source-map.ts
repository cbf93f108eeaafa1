import { assert } from '@lucerna/base';
import { zexusLimits } from '../limits.ts';
import { encodeUtf8 } from '../utf8.ts';
import { type ByteReader, malformed } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import type { ActionPlaces, ContainerAction, SourceMap, SourcePlace } from './container.ts';

// The sections of the source map: docs/spec/zxc.md. Lines go on from the place before, also from one
// action to the next; a place has three bytes in most sources.

/** Lines and columns are below this. */
const END_OF_PLACES = 2 ** 31;

/** Whether all code is from one file: then the section names it, and no action does. */
export function isOfOneFile({ files }: SourceMap): boolean {
  return files.length === 1;
}

/** The content of the section. */
export function writeSourceMap(out: ByteWriter, sourceMap: SourceMap): void {
  const { files, actions } = sourceMap;
  assert(files.length > 0, 'a source map has a file');
  const namesFiles = !isOfOneFile(sourceMap);
  if (namesFiles) out.number(files.length);
  for (const file of files) out.counted(encodeUtf8(file));
  let line = 1;
  for (const { file, places } of actions) {
    assert(file < files.length, 'a file of the source map');
    if (namesFiles) out.number(file);
    out.number(places.length);
    let instruction = 0;
    for (const place of places) {
      assert(place.instruction >= instruction, 'places are in the order of the instructions');
      out.number(place.instruction - instruction);
      out.number(foldSign(place.line - line));
      out.number(place.column);
      ({ instruction, line } = place);
    }
  }
}

/**
 * The source map of a container whose actions are read already, of code from one file.
 *
 * @throws `ZXC_SOURCE_MAP` for a place that is outside of its action, out of order, the same as the one
 *   before, or not from 1
 */
export function readSourceMap(
  reader: ByteReader,
  actions: readonly Pick<ContainerAction, 'code'>[],
): SourceMap {
  const files = [reader.text('containerFileNameBytes')];
  return { files, actions: readActionPlaces(reader, actions, () => 0) };
}

/**
 * As {@link readSourceMap}, of code from several files.
 *
 * @throws `ZXC_SOURCE_MAP` also for less than two files, and for a file that there is not
 */
export function readFilesMap(
  reader: ByteReader,
  actions: readonly Pick<ContainerAction, 'code'>[],
): SourceMap {
  const offset = reader.position;
  const count = reader.count('containerFiles');
  if (count < 2) throw malformed('ZXC_SOURCE_MAP', offset, `${count} files`);
  const files: string[] = [];
  while (files.length < count) files.push(reader.text('containerFileNameBytes'));
  const readFile = (): number => {
    const fileOffset = reader.position;
    const file = reader.number();
    if (file >= count) throw malformed('ZXC_SOURCE_MAP', fileOffset, `file ${file} of ${count}`);
    return file;
  };
  return { files, actions: readActionPlaces(reader, actions, readFile) };
}

function readActionPlaces(
  reader: ByteReader,
  actions: readonly Pick<ContainerAction, 'code'>[],
  readFile: () => number,
): readonly ActionPlaces[] {
  let line = 1;
  return actions.map(({ code }) => {
    const file = readFile();
    const places = readPlaces(reader, code.length, line);
    line = places.at(-1)?.line ?? line;
    return { file, places };
  });
}

function readPlaces(reader: ByteReader, end: number, lineBefore: number): readonly SourcePlace[] {
  const places: SourcePlace[] = [];
  let before: SourcePlace = { instruction: 0, line: lineBefore, column: 0 };
  for (let rest = reader.count('containerInstructions'); rest > 0; rest -= 1) {
    const offset = reader.position;
    const instruction = before.instruction + reader.number();
    const line = before.line + unfoldSign(reader.number());
    const column = reader.number();
    const place = { instruction, line, column };
    const follows = places.length === 0 || isNext(before, place);
    const isInside = instruction < end && isNumber(line) && isNumber(column);
    if (!follows || !isInside) throw malformed('ZXC_SOURCE_MAP', offset);
    places.push(place);
    before = place;
  }
  return places;
}

/** Whether `next` may follow `place` in an action: it begins later, and elsewhere in the source. */
function isNext(place: SourcePlace, next: SourcePlace): boolean {
  const isElsewhere = next.line !== place.line || next.column !== place.column;
  return next.instruction > place.instruction && isElsewhere;
}

/** What the verifier asks of a source map: what a decoded one obeys already. */
export function isSourceMap(
  { files, actions }: SourceMap,
  codes: readonly Pick<ContainerAction, 'code'>[],
): boolean {
  if (files.length === 0 || files.length > zexusLimits.values.containerFiles) return false;
  if (actions.length !== codes.length) return false;
  return actions.every(({ file, places }, index) => {
    const end = codes[index]?.code.length ?? 0;
    const isFile = Number.isInteger(file) && file >= 0 && file < files.length;
    return isFile && arePlaces(places, end);
  });
}

function arePlaces(places: readonly SourcePlace[], end: number): boolean {
  return places.every((place, position) => {
    const { instruction, line, column } = place;
    const before = places[position - 1];
    const isInside = instruction >= 0 && instruction < end && Number.isInteger(instruction);
    const follows = before === undefined || isNext(before, place);
    return isInside && isNumber(line) && isNumber(column) && follows;
  });
}

function isNumber(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value < END_OF_PLACES;
}

/** 0, -1, 1, -2, … as 0, 1, 2, 3, … */
function foldSign(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

function unfoldSign(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
