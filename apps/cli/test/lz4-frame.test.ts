import { describe, expect, it } from 'vitest';
import { unpackLz4Frame } from '../src/vector/lz4-frame.ts';

// Frames that `lz4 -f OPTIONS in out` 1.9.4, the reference, has made of bytes that are made here.

function mixed(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i % 97 < 60 ? 65 + (i % 13) : (i * i * 7) % 251));
}

function steps(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => 65 + ((i >>> 13) % 26));
}

const frames = [
  {
    name: 'nothing',
    options: '-1',
    bytes: mixed(0),
    frame: 'BCJNGGRApwAAAAAFXcwC',
  },
  {
    name: 'five bytes',
    options: '-1',
    bytes: mixed(5),
    frame: 'BCJNGGRApwUAAIBBQkNERQAAAAAjRI+l',
  },
  {
    name: 'literals and matches',
    options: '-1',
    bytes: mixed(700),
    frame:
      'BCJNGGRApzcBAADfQUJDREVGR0hJSktMTQ0AHP8WZMIzrTrQeTDww6STkJu02xVYqQ169YMfxHxCFvPj4e0MNGquBVsAIwKPAP8WajQM7eHj8xZCfMQfg/V6DalYFdu0m5CTpMPwMHnQOq0zwmQUzbYAHQJbAAL3AP8WP3CvAVzFQcZeBLN1RSMPCREnS329EGzWU9lyGcmMXTwpJC1EaR4BJAFoAP8W3nsm2qF2WUpJVnGa0Rtuz0PAUOmVTxfozL6+zOgXT5XpUMBDz3kBHgFbAAKtAf8WUVVnh7XxQJgDd/mOMd2caUQtJCk8XYzJGXLZU9ZsEL19SycRCeEBJQBoAP8Cjvl3A5hA8bWHZ1VRW3OZzRT2AQEPPAIfAFsAAoYB/wKacVZJSll2odome95U02UFrvYBAQykAlBHSElKSwAAAAAtPtfX',
  },
  {
    name: 'its length in the header',
    options: '-9 --content-size',
    bytes: mixed(700),
    frame:
      'BCJNGGxAvAIAAAAAAADQJAEAAN9BQkNERUZHSElKS0xNDQAc/xZkwjOtOtB5MPDDpJOQm7TbFVipDXr1gx/EfEIW8+Ph7Qw0aq4FWwAjAg0A/xdqNAzt4ePzFkJ8xB+D9XoNqVgV27SbkJOkw/AwedA6rTPCZBTNTcMAKP8XP3CvAVzFQcZeBLN1RSMPCREnS329EGzWU9lyGcmMXTwpJC1EaUbDACj/F957JtqhdllKSVZxmtEbbs9DwFDplU8X6My+vszoF0+V6VDAQ89MwwAo/xdRVWeHtfFAmAN3+Y4x3ZxpRC0kKTxdjMkZctlT1mwQvX1LJxEJRcMAKP8Cjvl3A5hA8bWHZ1VRW3OZzRT2AQEfS8MAKP8CmnFWSUpZdqHaJnveVNNlBa72AQEMQQBQR0hJSksAAAAALT7X1w==',
  },
  {
    name: 'a checksum of each block',
    options: '-1 -BX',
    bytes: mixed(700),
    frame:
      'BCJNGHRAvTcBAADfQUJDREVGR0hJSktMTQ0AHP8WZMIzrTrQeTDww6STkJu02xVYqQ169YMfxHxCFvPj4e0MNGquBVsAIwKPAP8WajQM7eHj8xZCfMQfg/V6DalYFdu0m5CTpMPwMHnQOq0zwmQUzbYAHQJbAAL3AP8WP3CvAVzFQcZeBLN1RSMPCREnS329EGzWU9lyGcmMXTwpJC1EaR4BJAFoAP8W3nsm2qF2WUpJVnGa0Rtuz0PAUOmVTxfozL6+zOgXT5XpUMBDz3kBHgFbAAKtAf8WUVVnh7XxQJgDd/mOMd2caUQtJCk8XYzJGXLZU9ZsEL19SycRCeEBJQBoAP8Cjvl3A5hA8bWHZ1VRW3OZzRT2AQEPPAIfAFsAAoYB/wKacVZJSll2odome95U02UFrvYBAQykAlBHSElKS+bAsTcAAAAALT7X1w==',
  },
  {
    name: 'no checksum at all',
    options: '-1 --no-frame-crc',
    bytes: mixed(700),
    frame:
      'BCJNGGBAgjcBAADfQUJDREVGR0hJSktMTQ0AHP8WZMIzrTrQeTDww6STkJu02xVYqQ169YMfxHxCFvPj4e0MNGquBVsAIwKPAP8WajQM7eHj8xZCfMQfg/V6DalYFdu0m5CTpMPwMHnQOq0zwmQUzbYAHQJbAAL3AP8WP3CvAVzFQcZeBLN1RSMPCREnS329EGzWU9lyGcmMXTwpJC1EaR4BJAFoAP8W3nsm2qF2WUpJVnGa0Rtuz0PAUOmVTxfozL6+zOgXT5XpUMBDz3kBHgFbAAKtAf8WUVVnh7XxQJgDd/mOMd2caUQtJCk8XYzJGXLZU9ZsEL19SycRCeEBJQBoAP8Cjvl3A5hA8bWHZ1VRW3OZzRT2AQEPPAIfAFsAAoYB/wKacVZJSll2odome95U02UFrvYBAQykAlBHSElKSwAAAAA=',
  },
  {
    name: 'blocks that refer to one another',
    options: '-1 -B4 -BD',
    bytes: steps(150000),
    frame:
      'BCJNGERAXi4BAAAfQQEA//////////////////////////////////////////8MH0IBAP//////////////////////////////////////////DB9DAQD//////////////////////////////////////////wwfRAEA//////////////////////////////////////////8MH0UBAP//////////////////////////////////////////DB9GAQD//////////////////////////////////////////wwfRwEA//////////////////////////////////////////8MH0gBAP//////////////////////////////////////////B1BISEhISC4BAAAfSQEA//////////////////////////////////////////8MH0oBAP//////////////////////////////////////////DB9LAQD//////////////////////////////////////////wwfTAEA//////////////////////////////////////////8MH00BAP//////////////////////////////////////////DB9OAQD//////////////////////////////////////////wwfTwEA//////////////////////////////////////////8MH1ABAP//////////////////////////////////////////B1BQUFBQUF4AAAAfUQEA//////////////////////////////////////////8MH1IBAP//////////////////////////////////////////DB9TAQD////////////gUFNTU1NTAAAAADkofak=',
  },
  {
    name: 'blocks of their own',
    options: '-9 -B4 -BI',
    bytes: steps(150000),
    frame:
      'BCJNGGRApy4BAAAfQQEA//////////////////////////////////////////8MH0IBAP//////////////////////////////////////////DB9DAQD//////////////////////////////////////////wwfRAEA//////////////////////////////////////////8MH0UBAP//////////////////////////////////////////DB9GAQD//////////////////////////////////////////wwfRwEA//////////////////////////////////////////8MH0gBAP//////////////////////////////////////////B1BISEhISC4BAAAfSQEA//////////////////////////////////////////8MH0oBAP//////////////////////////////////////////DB9LAQD//////////////////////////////////////////wwfTAEA//////////////////////////////////////////8MH00BAP//////////////////////////////////////////DB9OAQD//////////////////////////////////////////wwfTwEA//////////////////////////////////////////8MH1ABAP//////////////////////////////////////////B1BQUFBQUF4AAAAfUQEA//////////////////////////////////////////8MH1IBAP//////////////////////////////////////////DB9TAQD////////////gUFNTU1NTAAAAADkofak=',
  },
];

describe('unpackLz4Frame', () => {
  it.each(frames)('unpacks $name ($options)', ({ bytes, frame }) => {
    expect(unpackLz4Frame(Buffer.from(frame, 'base64'), bytes.length)).toEqual(bytes);
  });

  it('refuses another length than is said', () => {
    for (const { bytes, frame } of frames) {
      for (const length of [bytes.length - 1, bytes.length + 1].filter((some) => some >= 0)) {
        expect(() => unpackLz4Frame(Buffer.from(frame, 'base64'), length)).toThrow(RangeError);
      }
    }
  });

  it('refuses, and never hangs on, what is cut or changed', () => {
    for (const { bytes, frame } of frames) {
      const whole = Buffer.from(frame, 'base64');
      for (let end = 0; end < whole.length; end += 1) {
        const cut = whole.subarray(0, end);
        // The checksum at the end is left alone.
        const read = attempt(() => unpackLz4Frame(cut, bytes.length));
        if (!(read instanceof RangeError)) expect(read).toEqual(bytes);
      }
      for (let at = 0; at < Math.min(200, whole.length); at += 1) {
        const changed = Buffer.from(whole);
        changed[at] = (changed[at] ?? 0) ^ 0x55;
        const read = attempt(() => unpackLz4Frame(changed, bytes.length));
        if (!(read instanceof RangeError)) expect(read).toHaveLength(bytes.length);
      }
    }
  });
});

function attempt(read: () => Uint8Array): unknown {
  try {
    return read();
  } catch (error) {
    return error;
  }
}
