//! From the bytes of a file to plain UTF-8.

use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, WINDOWS_1252};

/// What a file holds, judged by its bytes.
pub(super) enum Contents {
    /// A text in this encoding.
    Text(&'static Encoding),
    /// A spreadsheet of Excel or LibreOffice, or another archive.
    Spreadsheet,
}

/// Reads the file once through: what is valid UTF-8 to the end is UTF-8, any other text without a
/// byte-order mark is Windows-1252.
pub(super) fn sniff(read: &mut (impl Read + Seek)) -> io::Result<Contents> {
    let mut buffer = [0; 16 * 1024];
    let mut kept = 0;
    let mut first = true;
    let contents = loop {
        let read = read.read(&mut buffer[kept..])?;
        let bytes = &buffer[..kept + read];
        if read == 0 {
            break Contents::Text(if kept == 0 { UTF_8 } else { WINDOWS_1252 });
        }
        if std::mem::take(&mut first) {
            if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xd0\xcf\x11\xe0") {
                break Contents::Spreadsheet;
            }
            if let Some((encoding, _)) = Encoding::for_bom(bytes) {
                break Contents::Text(encoding);
            }
        }
        let valid = match std::str::from_utf8(bytes) {
            Ok(_) => bytes.len(),
            Err(cut) if cut.error_len().is_none() => cut.valid_up_to(),
            Err(_) => break Contents::Text(WINDOWS_1252),
        };
        let end = kept + read;
        buffer.copy_within(valid..end, 0);
        kept = end - valid;
    };
    read.seek(SeekFrom::Start(0))?;
    Ok(contents)
}

/// A text as UTF-8 without byte-order mark, its lines ended by LF alone, and how much of it the row under way may still take.
pub(super) struct Decoded<R> {
    raw: BufReader<R>,
    decoder: Decoder,
    left: usize,
    after_cr: bool,
    ended: bool,
}

impl<R: Read> Decoded<R> {
    /// `left` bytes may be read before the first [`Decoded::allow`].
    pub(super) fn new(raw: R, encoding: &'static Encoding, left: usize) -> Decoded<R> {
        Decoded {
            raw: BufReader::new(raw),
            decoder: encoding.new_decoder(),
            left,
            after_cr: false,
            ended: false,
        }
    }
}

impl<R> Decoded<R> {
    /// From here on so many bytes may be read: a row begins.
    pub(super) fn allow(&mut self, bytes: usize) {
        self.left = bytes;
    }

    /// Makes CR LF and a lone CR (old Macintosh) a LF, in place; returns how many bytes remain.
    fn plain_newlines(&mut self, text: &mut [u8]) -> usize {
        let mut kept = 0;
        for i in 0..text.len() {
            let byte = text[i];
            let second_half = byte == b'\n' && self.after_cr;
            self.after_cr = byte == b'\r';
            if !second_half {
                text[kept] = if byte == b'\r' { b'\n' } else { byte };
                kept += 1;
            }
        }
        kept
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while !self.ended {
            if self.left == 0 {
                return Err(io::ErrorKind::FileTooLarge.into());
            }
            let raw = self.raw.fill_buf()?;
            let last = raw.is_empty();
            let (result, taken, written, _) = self.decoder.decode_to_utf8(raw, out, last);
            self.raw.consume(taken);
            self.ended = last && result == CoderResult::InputEmpty;
            let kept = self.plain_newlines(&mut out[..written]);
            if kept > 0 {
                self.left = self.left.saturating_sub(kept);
                return Ok(kept);
            }
        }
        Ok(0)
    }
}
