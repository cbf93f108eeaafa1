import { encodeFrame } from '../frame.ts';
import { LOG_START } from '../log-record.ts';

/** Makes the records of an archive, each tied to the one before as in a log. */
export class ArchiveWriter {
  #previous = LOG_START.checksum;

  /** The next record as it stands in the file. */
  record(kind: number, payload: Uint8Array): Uint8Array {
    // Where the bytes go is not known here: none of them is on a disk.
    const { bytes, checksum } = encodeFrame(kind, payload, this.#previous, 0);
    this.#previous = checksum;
    return bytes;
  }
}
